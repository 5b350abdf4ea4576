// SPDX-License-Identifier: Apache-2.0
#pragma once
// A physical GIC that remembers what was asked of it. Each test owns its objects; the static functions of the CPU
// interface work on FakeCpuInterface::current.

#include "irqchip/fake_virtual_interface.hpp"
#include "irqchip/interface/physical.hpp"
#include "lib/limits.hpp"

#include <array>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace trv::irqchip {

/// The CPU interface of the CPU that a test plays.
struct FakeCpuInterface {
    std::deque<IntId> waiting;               ///< what acknowledge() returns next
    std::vector<IntId> dropped;              ///< in order
    std::vector<IntId> deactivated;          ///< in order
    std::vector<std::pair<IntId, u64>> sent; ///< SGI and MPIDR

    static inline thread_local FakeCpuInterface* current = nullptr;
};

/// Tests play both kinds of guests.
inline constexpr bool models_gicv2 = true;

class Gic {
  public:
    Result<void> start(const machine::InterruptController&, memory::HostSpace&) { return {}; }
    Result<void> init_cpu(unsigned, u64) { return {}; }
    [[nodiscard]] CpuInterrupts& of_cpu(unsigned cpu) { return private_interrupts[cpu]; }
    [[nodiscard]] unsigned interrupts() const { return 288; }

    [[nodiscard]] Pa guest_registers() const { return Pa(0); }

    void enable(IntId spi) { enabled.at(spi.value) = true; }
    void disable(IntId spi) { enabled.at(spi.value) = false; }
    void set_trigger(IntId spi, Trigger trigger) { edge.at(spi.value) = trigger == Trigger::Edge; }
    void route(IntId spi, u64 mpidr) { routes.at(spi.value) = mpidr; }
    void clear_active(IntId spi) {
        active.at(spi.value) = false;
        std::exchange(while_clearing, [] {})();
    }
    void clear_pending(IntId spi) { latched.at(spi.value) = false; }
    [[nodiscard]] bool is_pending(IntId spi) const { return wires.at(spi.value) || latched.at(spi.value); }

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

    std::array<CpuInterrupts, max_cpus> private_interrupts{};
    std::array<bool, 1020> enabled{};
    std::array<bool, 1020> edge{};
    std::array<u64, 1020> routes{};
    std::array<bool, 1020> active{};
    std::array<bool, 1020> wires{};               ///< of levels, as tests drive them
    std::array<bool, 1020> latched{};             ///< edges that have come
    std::function<void()> while_clearing = [] {}; ///< called once, when something becomes inactive
};

static_assert(GicDriver<Gic>);
static_assert(CpuInterruptsDriver<CpuInterrupts>);
static_assert(VirtualInterfaceDriver<VirtualInterface>);

} // namespace trv::irqchip
