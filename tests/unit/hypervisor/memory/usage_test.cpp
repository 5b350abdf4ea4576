#include "memory/usage.hpp"
#include "memory_fixture.hpp"

namespace trv::memory {
namespace {

class UsageTest : public MemoryTest {};

TEST_F(UsageTest, CountsFramesAndPinsByOwner) {
    const Usage before = usage_of(table);
    EXPECT_EQ(before.of(FrameOwner::Hypervisor).frames, 16U) << "the table itself: 4 bytes for each of 16384 frames";
    {
        const Frames frames = block(3, vm_owner(2));
        ASSERT_TRUE(table.pin({frames.base(), 5}, vm_owner(2)));
        const Usage now = usage_of(table);
        EXPECT_EQ(now.of(vm_owner(2)), (Usage::Share{8, 5}));
        EXPECT_EQ(now.of(FrameOwner::Free).frames, before.of(FrameOwner::Free).frames - 8);
        EXPECT_NE(now, before);
        log_usage(now);
        table.unpin({frames.base(), 5});
    }
    EXPECT_EQ(usage_of(table), before);
}

} // namespace
} // namespace trv::memory
