// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small machine: some RAM, its frame table and pool.

#include "arch/memory/tlb.hpp"
#include "memory/physical/device_table.hpp"
#include "memory/physical/frame_pool.hpp"
#include "memory/usage.hpp"
#include "simulated_ram.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace trv::memory {

inline constexpr Pa ram_base{0x4000'0000};

class MemoryTest : public testing::Test {
  protected:
    explicit MemoryTest(u64 ram_size = 64 * MiB) : ram_range(ram_base, ram_size), ram(ram_range) {
        const RamMap map{std::span(&ram_range, 1), {}};
        if (!table.start(map)) {
            std::abort();
        }
        pool.start(table, map);
        devices.start(table);
        arch::FakeTlb::instance().reset();
    }
    ~MemoryTest() override { arch::FakeTlb::instance().reset(); }

    /// A block that lives until the test ends, or fails the test.
    Frames block(unsigned order, FrameOwner owner) {
        Result<Frames> frames = pool.allocate(order, owner);
        EXPECT_TRUE(frames.has_value());
        return frames ? std::move(*frames) : Frames();
    }
    /// Fills the pool's memory until nothing is left.
    std::vector<Frames> exhaust() {
        std::vector<Frames> all;
        while (Result<Frames> frames = pool.allocate_largest(FramePool::max_order, 0, FrameOwner::Hypervisor)) {
            all.push_back(std::move(*frames));
        }
        return all;
    }
    std::vector<u64> free_blocks() {
        std::vector<u64> counts;
        for (unsigned order = 0; order <= FramePool::max_order; ++order) {
            counts.push_back(pool.free_blocks(order));
        }
        return counts;
    }

    PaRange ram_range;
    test::SimulatedRam ram;
    FrameTable table;
    FramePool pool;
    DeviceTable devices;
};

} // namespace trv::memory
