// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/balance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::tool::dev::bench {
namespace {

using nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

ordered_json stats() {
    // Parsed, as in use: a number without a sign is another type than an int.
    return ordered_json::parse(R"({"free_frames":100,"hypervisor_frames":20,"heap_objects":3,"vmids":1})");
}

TEST(Balance, IsReadFromStats) {
    const auto balance = balance_of(stats());
    ASSERT_TRUE(balance);
    EXPECT_EQ(*balance, (Balance{.free_frames = 100, .hypervisor_frames = 20, .heap_objects = 3, .vmids = 1}));
    EXPECT_EQ(to_json(*balance)["heap_objects"], 3);
}

TEST(Balance, EveryNumberIsNeeded) {
    for (const auto& [name, value] : stats().items()) {
        ordered_json without = stats();
        without.erase(name);
        EXPECT_FALSE(balance_of(without)) << name;
        ordered_json wrong = stats();
        wrong[name] = "1";
        EXPECT_FALSE(balance_of(wrong)) << name;
    }
}

TEST(Balance, TableMarksWhatDiffers) {
    const Balance before{.free_frames = 100, .hypervisor_frames = 20, .heap_objects = 3, .vmids = 1};
    EXPECT_THAT(balance_table(before, before), Not(HasSubstr("differs")));
    Balance after = before;
    after.heap_objects = 4;
    EXPECT_THAT(balance_table(before, after), HasSubstr("heap_objects                 3           4  differs\n"));
}

TEST(Balance, AVmThatListDoesNotNameIsGone) {
    const auto list = ordered_json::parse(R"({"vms":[{"vm":"a","state":"running"},7,{"vm":"b"}]})");
    EXPECT_EQ(state_of(list, "a"), "running");
    EXPECT_EQ(state_of(list, "b"), "");
    EXPECT_FALSE(state_of(list, "c"));
    EXPECT_FALSE(state_of(ordered_json::object(), "a"));
}

} // namespace
} // namespace trv::tool::dev::bench
