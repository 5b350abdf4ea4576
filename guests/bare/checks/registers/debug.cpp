// SPDX-License-Identifier: Apache-2.0
// Self-hosted debug: breakpoints, watchpoints and single steps, each vCPU's its own.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/registers/register_probe.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

using arch::ExceptionClass;

constexpr u64 step = arch::mdscr_el1::SS | arch::mdscr_el1::KDE;
constexpr u64 monitor = arch::mdscr_el1::MDE | arch::mdscr_el1::KDE;

void set_control(u64 value) {
    (void)write_register<2, 0, 0, 2, 2>(value);
}

/// PSTATE.D = 0; an exception sets it again.
void unmask() {
    asm volatile("isb\n\tmsr daifclr, #8\n\tisb" ::: "memory");
}
void mask() {
    asm volatile("msr daifset, #8\n\tisb" ::: "memory");
}

void check_fault(std::string_view name, const std::optional<Fault>& fault, ExceptionClass expected, u64 pc) {
    const bool good = fault && fault->exception_class() == expected && (pc == 0 || fault->pc == pc);
    check(name, good, "ESR {} at {}, expected at {}", hex(fault ? fault->syndrome : 0), hex(fault ? fault->pc : 0),
          hex(pc));
}

/// Of all stores by EL1 to eight bytes. @return whether the register is there
bool watch(const u64& place) {
    constexpr u64 enabled_el1_stores = 1 | 1 << 1 | 2 << 3 | 0xff << 5;
    return !write_register<2, 0, 0, 0, 6>(reinterpret_cast<u64>(&place)) &&
           !write_register<2, 0, 0, 0, 7>(enabled_el1_stores);
}

std::optional<Fault> store(u64& place) {
    const std::optional<Fault> fault = attempt([&place] {
        unmask();
        __atomic_store_n(&place, 1, __ATOMIC_RELAXED);
    });
    mask();
    return fault;
}

void check_locks() {
    check_no_fault("OSLAR_EL1 can be written", write_register<2, 0, 1, 0, 4>(1));
    const RegisterRead lock = read_register<2, 0, 1, 1, 4>();
    check_equal("OSLSR_EL1 shows an open OS lock", lock.fault ? lock.fault->syndrome : lock.value, 1 << 3);
    check_no_fault("OSDLR_EL1 can be written", write_register<2, 0, 1, 3, 4>(1));
    const RegisterRead rom = read_register<2, 0, 1, 0, 0>();
    check_equal("MDRAR_EL1 reads as zero", rom.fault ? rom.fault->syndrome : rom.value, 0);
}

void check_kept() {
    check_no_fault("DBGBVR1_EL1 can be written", write_register<2, 0, 0, 1, 4>(0x1234'5678));
    check_equal("DBGBVR1_EL1 keeps its value", read_register<2, 0, 0, 1, 4>().value, 0x1234'5678);
    check_no_fault("MDSCR_EL1 can be written", write_register<2, 0, 0, 2, 2>(arch::mdscr_el1::KDE | 1 << 14));
    check_equal("MDSCR_EL1 keeps KDE, but not HDE", read_register<2, 0, 0, 2, 2>().value, arch::mdscr_el1::KDE);
    const u64 breakpoints = arch::field(read_register<3, 0, 0, 5, 0>().value, 15, 12) + 1;
    if (breakpoints < 16) {
        check_undefined("a breakpoint that the CPU lacks is undefined", read_register<2, 0, 0, 15, 4>().fault);
    }
}

void check_breakpoint() {
    constexpr u64 enabled_el1 = 1 | 1 << 1 | 0xf << 5;
    u64 place = 0;
    const std::optional<Fault> fault = attempt([&place] {
        asm volatile("adr %0, 1f" : "=r"(place));
        (void)write_register<2, 0, 0, 0, 4>(place);
        (void)write_register<2, 0, 0, 0, 5>(enabled_el1);
        set_control(monitor);
        unmask();
        asm volatile("1: nop" ::: "memory");
    });
    mask();
    (void)write_register<2, 0, 0, 0, 5>(0);
    check_fault("a breakpoint is hit", fault, ExceptionClass::BreakpointSame, place);
}

void check_watchpoint() {
    u64 watched = 0;
    u64 other = 0;
    (void)watch(watched);
    set_control(monitor);
    const std::optional<Fault> fault = store(watched);
    check_fault("a watchpoint is hit", fault, ExceptionClass::WatchpointSame, 0);
    check_equal("at the address that is watched", fault ? fault->address : 0, reinterpret_cast<u64>(&watched));
    check_no_fault("another address is not watched", store(other));
    set_control(0);
    check_no_fault("without MDSCR_EL1.MDE nothing is", store(watched));
}

/// Makes one step from an instruction that the hypervisor executes in the guest's place.
void check_step() {
    constexpr u64 el1h_step = arch::spsr::El1h | arch::spsr::SS | (arch::spsr::DAIF & ~(u64{1} << 9));
    u64 after = 0;
    set_control(step);
    const std::optional<Fault> fault = attempt([&after] {
        u64 scratch = 0;
        asm volatile("adr %0, 2f\n\tadr %1, 1f\n\tmsr elr_el1, %1\n\tmsr spsr_el1, %2\n\tisb\n\teret\n"
                     "1: mrs %1, id_aa64pfr0_el1\n"
                     "2: nop\n\tmsr daifset, #8"
                     : "=&r"(after), "=&r"(scratch)
                     : "r"(el1h_step)
                     : "memory");
    });
    mask();
    set_control(0);
    check_fault("a step over a trapped instruction is one step", fault, ExceptionClass::StepSame, after);
}

struct Watcher {
    u64 own = 0;
    u64* others = nullptr;
    std::atomic<u32> lost = 0;
};

/// Its watchpoint is there after each time that another vCPU had the CPU, and no other one.
void watch_beside(void* object) {
    constexpr unsigned rounds = 100;
    Watcher& self = *static_cast<Watcher*>(object);
    gic::reset_cpu();
    gic::enable(VirtualTimer::intid);
    (void)watch(self.own);
    set_control(monitor);
    for (unsigned round = 0; round < rounds; ++round) {
        VirtualTimer::set_in(static_cast<i32>(microseconds(20)));
        wfi();
        VirtualTimer::stop();
        if (const u32 intid = gic::acknowledge(); intid != gic::nothing_pending) {
            gic::complete(intid);
        }
        self.lost += store(self.own) ? 0 : 1;
        self.lost += store(*self.others) ? 1 : 0;
    }
    set_control(0);
}

void check_apart() {
    Watcher boot;
    Watcher beside;
    boot.others = &beside.own;
    beside.others = &boot.own;
    const bool two = cpu_count() > 1;
    if (two && start_cpu(1, watch_beside, &beside) != psci::Status::Success) {
        fail_because("watchpoints beside one another", "vCPU 1 does not start");
        return;
    }
    watch_beside(&boot);
    check_equal("the boot vCPU keeps its watchpoint", boot.lost.load(), 0);
    if (two) {
        check("vCPU 1 leaves", wait_until_off(1), "still on");
        check_equal("vCPU 1 keeps its watchpoint", beside.lost.load(), 0);
    }
}

} // namespace

void debug(std::string_view) {
    mask();
    check_locks();
    check_kept();
    check_breakpoint();
    check_watchpoint();
    check_step();
    check_apart();
}

} // namespace trv::bare::checks
