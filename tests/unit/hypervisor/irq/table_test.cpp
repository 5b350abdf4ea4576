// SPDX-License-Identifier: Apache-2.0
#include "irq/table.hpp"

#include <gtest/gtest.h>

namespace trv::irq {
namespace {

void ignore(void*, IntId) {}
void unclaimed(void*, IntId) {}

class InterruptTable : public testing::Test {
  public:
    InterruptTable() { EXPECT_TRUE(table.create(96)); }

    [[nodiscard]] bool is_claimed(u32 intid) const { return table.owner_of(IntId(intid)).handler != unclaimed; }

    Table table{unclaimed};
    int mine = 0;
    Owner me{.handler = ignore, .context = &mine};
};

TEST_F(InterruptTable, HasNoOwnersAtFirst) {
    for (u32 intid = 0; intid < 1024; ++intid) {
        EXPECT_FALSE(is_claimed(intid)) << intid;
    }
}

TEST_F(InterruptTable, TheOneThatClaimsAnInterruptOwnsIt) {
    for (const u32 intid : {0U, 27U, 31U, 32U, 95U}) {
        ASSERT_TRUE(table.claim(IntId(intid), me)) << intid;
        EXPECT_EQ(table.owner_of(IntId(intid)).handler, ignore) << intid;
        EXPECT_EQ(table.owner_of(IntId(intid)).context, &mine) << intid;
    }
    EXPECT_FALSE(is_claimed(33));
}

TEST_F(InterruptTable, NoOtherGetsAnInterruptThatHasAnOwner) {
    ASSERT_TRUE(table.claim(IntId(33), me));
    int other = 0;
    const Result<void> claimed = table.claim(IntId(33), {.handler = ignore, .context = &other});
    ASSERT_FALSE(claimed);
    EXPECT_EQ(claimed.error(), Error::Busy);
    EXPECT_EQ(table.owner_of(IntId(33)).context, &mine);
}

TEST_F(InterruptTable, EndsWhereTheMachinesInterruptsEnd) {
    const Result<void> claimed = table.claim(IntId(96), me);
    ASSERT_FALSE(claimed);
    EXPECT_EQ(claimed.error(), Error::OutOfRange);
    EXPECT_FALSE(is_claimed(96));
    EXPECT_FALSE(is_claimed(1023));
}

} // namespace
} // namespace trv::irq
