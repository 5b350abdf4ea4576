// SPDX-License-Identifier: Apache-2.0
#include "memory/pin.hpp"
#include "memory_fixture.hpp"

namespace trv::memory {
namespace {

const FrameOwner alpha = vm_owner(0);

class PinTest : public MemoryTest {};

TEST_F(PinTest, EndsWithTheObject) {
    const Frames frames = block(2, alpha);
    {
        const Result<Pin> pin = Pin::take(table, FrameRun{frames.base(), 4}, alpha);
        ASSERT_TRUE(pin);
        EXPECT_EQ(pin->run().count, 4U);
        EXPECT_EQ(table.pins_of(alpha), 4U);
    }
    EXPECT_EQ(table.pins_of(alpha), 0U);
    EXPECT_EQ(Pin::take(table, frames.base(), vm_owner(1)).error(), Error::NotOwned);
}

TEST_F(PinTest, MovesWithoutCountingTwice) {
    const Frames frames = block(1, alpha);
    Pin first = *Pin::take(table, frames.base(), alpha);
    Pin second = *Pin::take(table, frames.base() + page_size, alpha);
    EXPECT_EQ(table.pins_of(alpha), 2U);
    Pin moved(std::move(first));
    EXPECT_FALSE(first); // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_TRUE(moved);
    EXPECT_EQ(table.pins_of(alpha), 2U);
    moved = std::move(second);
    EXPECT_EQ(table.pins_on(frames.base()), 0U) << "what stood there before is unpinned";
    EXPECT_EQ(table.pins_of(alpha), 1U);
    const FrameRun run = moved.release();
    EXPECT_FALSE(moved);
    EXPECT_EQ(table.pins_of(alpha), 1U);
    table.unpin(run);
    EXPECT_EQ(table.pins_of(alpha), 0U);
}

} // namespace
} // namespace trv::memory
