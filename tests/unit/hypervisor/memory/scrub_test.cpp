#include "memory/direct_map.hpp"
#include "memory/scrub.hpp"
#include "memory_fixture.hpp"

#include <algorithm>

namespace trv::memory {
namespace {

class ScrubTest : public MemoryTest {};

TEST_F(ScrubTest, GoesOnWhereItStopped) {
    const Frames frames = block(4, vm_owner(0));
    std::byte* const memory = direct_map(frames.base());
    std::memset(memory, 0xff, frames.range().size);
    Scrubber scrubber(frames.range());
    EXPECT_FALSE(scrubber.step(5 * page_size + 17));
    EXPECT_EQ(scrubber.bytes_left(), 11 * page_size);
    EXPECT_EQ(memory[5 * page_size - 1], std::byte{0});
    EXPECT_EQ(memory[5 * page_size], std::byte{0xff});
    EXPECT_FALSE(scrubber.step(0)) << "one page at least: it must come to an end";
    EXPECT_TRUE(scrubber.step(MiB));
    EXPECT_TRUE(scrubber.step(MiB)) << "done stays done";
    EXPECT_TRUE(std::all_of(memory, memory + frames.range().size, [](std::byte b) { return b == std::byte{0}; }));
}

} // namespace
} // namespace trv::memory
