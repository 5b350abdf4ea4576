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
    MachineMemory memory;
    ASSERT_TRUE(memory.start({banks, taken}, {40, 16}));
    EXPECT_EQ(memory.frames.frames(), 4096U);
    EXPECT_EQ(memory.pool.free_frames(), 4096U - 256U - 4U);
    void* const object = memory.heap.allocate(100, 16);
    ASSERT_NE(object, nullptr);
    EXPECT_EQ(memory.frames.owner_of(physical_address(object)), FrameOwner::Hypervisor);
    memory.heap.free(object);
    EXPECT_TRUE(memory.vmids.lease());
}

} // namespace
} // namespace trv::memory
