// SPDX-License-Identifier: Apache-2.0
#include "memory/direct_map.hpp"
#include "memory/machine_memory.hpp"
#include "memory_fixture.hpp"

namespace trv::memory {
namespace {

TEST(MachineMemory, StartsInOrder) {
    const test::SimulatedRam ram({ram_base, 16 * MiB});
    const PaRange banks[] = {{ram_base, 16 * MiB}};
    const TakenRange taken[] = {{{ram_base + MiB, MiB}, FrameOwner::Hypervisor}};
    ASSERT_TRUE(start_memory({banks, taken}, {40, 16}));
    EXPECT_EQ(frame_table().frames(), 4096U);
    EXPECT_EQ(frame_pool().free_frames(), 4096U - 256U - 4U);
    void* const memory = heap().allocate(100, 16);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(frame_table().owner_of(physical_address(memory)), FrameOwner::Hypervisor);
    heap().free(memory);
    EXPECT_TRUE(vmid_pool().lease());
}

} // namespace
} // namespace trv::memory
