// SPDX-License-Identifier: Apache-2.0
// PSCI's power states: switching vCPUs on and off, suspending, and every way to ask wrongly.

#include "guests/bare/lib/hardware/power.hpp"

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/interrupt_wait.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/machine.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

using psci::Status;

void check_status(std::string_view name, Status actual, Status expected) {
    check(name, actual == expected, "{} instead of {}", static_cast<i32>(actual), static_cast<i32>(expected));
}

void check_errors() {
    const u64 entry = secondary_entry();
    const auto& ram = machine().ram;
    check_status("CPU_ON: a vCPU that does not exist", power::cpu_on(cpu_count(), entry, 0), Status::InvalidParameters);
    check_status("CPU_ON: another affinity 1", power::cpu_on(0x100, entry, 0), Status::InvalidParameters);
    check_status("CPU_ON: another affinity 3", power::cpu_on(u64{1} << 32, entry, 0), Status::InvalidParameters);
    check_status("CPU_ON: reserved bits", power::cpu_on(u64{1} << 31, entry, 0), Status::InvalidParameters);
    check_status("CPU_ON: itself", power::cpu_on(0, entry, 0), Status::AlreadyOn);
    check("AFFINITY_INFO: itself is on", power::affinity_info(0) == 0, "off");
    check("AFFINITY_INFO: a vCPU that does not exist",
          power::affinity_info(cpu_count()) == static_cast<i64>(Status::InvalidParameters), "something else");
    check("AFFINITY_INFO: a higher level", power::affinity_info(0, 1) == static_cast<i64>(Status::InvalidParameters),
          "something else");
    if (cpu_count() < 2) {
        return;
    }
    check("AFFINITY_INFO: vCPU 1 is off", power::affinity_info(1) == 1, "on");
    check_status("CPU_ON: entry outside memory", power::cpu_on(1, 0x10, 0), Status::InvalidAddress);
    check_status("CPU_ON: entry behind memory", power::cpu_on(1, ram.end().value, 0), Status::InvalidAddress);
    check_status("CPU_ON: entry at the hypervisor", power::cpu_on(1, u64{1} << 47, 0), Status::InvalidAddress);
    check_status("CPU_ON: misaligned entry", power::cpu_on(1, entry + 2, 0), Status::InvalidAddress);
    check("after errors vCPU 1 is still off", power::affinity_info(1) == 1, "on");
}

struct Visitor {
    std::atomic<u64> mpidr;
    std::atomic<bool> leave;
};

void visit(void* object) {
    auto& visitor = *static_cast<Visitor*>(object);
    visitor.mpidr.store(arch::MpidrEl1::read() & arch::mpidr_affinity);
    while (!visitor.leave.load()) {
        wfe();
    }
}

void check_cpu_on() {
    Visitor visitor{};
    check_status("CPU_ON: vCPU 1", start_cpu(1, visit, &visitor), Status::Success);
    check("vCPU 1 begins with its MMU and caches off", (cpu(1).entry_sctlr & 0x1005) == 0, "SCTLR_EL1 {}",
          hex(cpu(1).entry_sctlr));
    check_equal("vCPU 1 begins with interrupts masked", cpu(1).entry_daif, arch::spsr::DAIF);
    check("AFFINITY_INFO: vCPU 1 is on", power::affinity_info(1) == 0, "off");
    check_status("CPU_ON: vCPU 1 again", power::cpu_on(1, secondary_entry(), 0), Status::AlreadyOn);
    visitor.leave.store(true);
    check("CPU_OFF: vCPU 1", wait_until_off(1), "still on");
    check_equal("vCPU 1 has affinity 1", visitor.mpidr.load(), 1);
}

void check_many_rounds() {
    constexpr unsigned rounds = 50;
    unsigned good = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        for (unsigned other = 1; other < cpu_count(); ++other) {
            Visitor visitor{};
            visitor.leave.store(true);
            good += start_cpu(other, visit, &visitor) == Status::Success && wait_until_off(other) &&
                            visitor.mpidr.load() == other
                        ? 1
                        : 0;
        }
    }
    check_equal("50 times on and off", good, u64{rounds} * (cpu_count() - 1));
}

/// CPU_ON32 has 32-bit arguments; upper halves are ignored [SMCCC 3.1].
void check_narrow_call() {
    const u64 junk = u64{0xdead'beef} << 32;
    const i64 answer = power::ask(psci::CpuOn32, junk | 0, junk | secondary_entry(), 0);
    check("CPU_ON32 ignores upper halves", answer == static_cast<i64>(Status::AlreadyOn), "{}", answer);
}

void check_suspend() {
    gic::reset();
    gic::enable(VirtualTimer::intid);
    const u64 deadline = now() + microseconds(1000);
    VirtualTimer::set(deadline);
    check_status("CPU_SUSPEND succeeds", power::suspend(), Status::Success);
    check("CPU_SUSPEND lasts until the timer", now() >= deadline, "{} ticks early", deadline - now());
    check_status("CPU_SUSPEND with an interrupt pending returns at once", power::suspend(), Status::Success);
    VirtualTimer::stop();
    check_equal("the timer woke it", gic::acknowledge(), VirtualTimer::intid);
    gic::complete(VirtualTimer::intid);
}

/// Linux does so on its way into a suspend, on a GIC of one security state.
void check_suspend_without_interface() {
    gic::reset();
    gic::enable(VirtualTimer::intid);
    gic::enable_interface(false);
    VirtualTimer::set(now());
    check_status("CPU_SUSPEND returns for what a disabled CPU interface holds back", power::suspend(), Status::Success);
    VirtualTimer::set(now() + microseconds(1000));
    check_status("CPU_SUSPEND is ended by it", power::suspend(), Status::Success);
    gic::enable_interface(true);
    check_equal("which then arrives", wait_for_interrupt(), VirtualTimer::intid);
    VirtualTimer::stop();
    gic::complete(VirtualTimer::intid);
}

} // namespace

void power_states(std::string_view) {
    check_errors();
    check_narrow_call();
    check_suspend();
    check_suspend_without_interface();
    if (cpu_count() < 2) {
        print("one vCPU: no more can be switched on\n");
        return;
    }
    check_cpu_on();
    check_many_rounds();
}

} // namespace trv::bare::checks
