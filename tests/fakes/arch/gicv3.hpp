// SPDX-License-Identifier: Apache-2.0
#pragma once
// A physical GIC that remembers what was asked of it. Each test owns its objects; the static functions of the CPU
// interface work on FakeCpuInterface::current.

#include "lib/intid.hpp"
#include "lib/limits.hpp"
#include "lib/result.hpp"

#include <array>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace trv::arch {

enum class Trigger : u8 { Level, Edge };

struct RedistributorRegion {
    Va base;
    u64 size = 0;
};

class Redistributor {
  public:
    void enable(IntId intid) { enabled |= intid.bit(); }
    void set_trigger(IntId intid, Trigger trigger) {
        edge = trigger == Trigger::Edge ? edge | intid.bit() : edge & ~intid.bit();
    }
    void set_active(u32 mask) { active |= mask, ++writes; }
    void clear_active(u32 mask) { active &= ~mask, ++writes; }

    u32 enabled = 0;
    u32 active = 0;
    u32 edge = 0xffff;
    unsigned writes = 0; ///< of active state
};

/// The CPU interface of the CPU that a test plays.
struct FakeCpuInterface {
    std::deque<IntId> waiting;               ///< what acknowledge() returns next
    std::vector<IntId> dropped;              ///< in order
    std::vector<IntId> deactivated;          ///< in order
    std::vector<std::pair<IntId, u64>> sent; ///< SGI and MPIDR

    static inline thread_local FakeCpuInterface* current = nullptr;
};

class Gicv3 {
  public:
    Result<void> init(Va, std::span<const RedistributorRegion>, u64) { return {}; }
    Result<void> init_cpu(unsigned) { return {}; }
    [[nodiscard]] Redistributor& redistributor(unsigned cpu) { return redistributors[cpu]; }
    [[nodiscard]] unsigned interrupts() const { return 288; }

    void enable(IntId spi) { enabled.at(spi.value) = true; }
    void set_trigger(IntId spi, Trigger trigger) { edge.at(spi.value) = trigger == Trigger::Edge; }
    void route(IntId spi, u64 mpidr) { routes.at(spi.value) = mpidr; }

    [[nodiscard]] static IntId acknowledge() {
        FakeCpuInterface& cpu = *FakeCpuInterface::current;
        if (cpu.waiting.empty()) {
            return IntId(1023);
        }
        const IntId first = cpu.waiting.front();
        cpu.waiting.pop_front();
        return first;
    }
    static void drop_priority(IntId intid) { FakeCpuInterface::current->dropped.push_back(intid); }
    static void deactivate(IntId intid) { FakeCpuInterface::current->deactivated.push_back(intid); }
    static void send_sgi(IntId sgi, u64 mpidr) { FakeCpuInterface::current->sent.emplace_back(sgi, mpidr); }

    std::array<Redistributor, max_cpus> redistributors{};
    std::array<bool, 1020> enabled{};
    std::array<bool, 1020> edge{};
    std::array<u64, 1020> routes{};
};

} // namespace trv::arch
