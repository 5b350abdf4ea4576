// SPDX-License-Identifier: Apache-2.0
#include "boot/cpus.hpp"

#include "arch/asynchronous_error.hpp"
#include "arch/cpu/clock.hpp"
#include "arch/cpu/cpu_control.hpp"
#include "arch/cpu/wait.hpp"
#include "arch/entry.hpp"
#include "arch/firmware.hpp"
#include "arch/guest/guest_pmu.hpp"
#include "arch/memory/cache.hpp"
#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"
#include "boot/system.hpp"
#include "generated/option/pmu.hpp"
#include "generated/option/speculation.hpp"
#include "lib/log.hpp"
#include "memory/physical/direct_map.hpp"
#include "sched/speculation.hpp"

namespace trv::boot {

namespace {

constexpr unsigned stack_pages = 4;
constexpr u64 start_timeout_seconds = 2;

/// Before the first guest, what is pending is firmware's or a boot loader's.
void forget_errors_of_firmware(sched::PerCpu& cpu) {
    arch::settle_errors();
    if (cpu.has_error) {
        log_always("CPU {}: firmware left an asynchronous error behind (SError, syndrome {})", hex(cpu.mpidr),
                   hex(cpu.error_syndrome));
        cpu.has_error = false;
    }
}

void choose_vectors(const sched::PerCpu& cpu) {
    if constexpr (option::speculation) {
        if (cpu.measures.at_exit != arch::SpeculationMeasures::AtExit::Nothing) {
            arch::VbarEl2::write(reinterpret_cast<u64>(measured_vectors));
            arch::isb();
        }
    }
}

enum class Arrival : u8 { Online, Refused, Silent };

Arrival wait_for(const sched::PerCpu& cpu) {
    const u64 deadline = arch::ticks() + start_timeout_seconds * arch::tick_hz();
    while (!cpu.online.load(std::memory_order_acquire)) {
        if (cpu.lack.load(std::memory_order_acquire) != arch::Lack::Nothing) {
            return Arrival::Refused;
        }
        if (arch::ticks() > deadline) {
            return Arrival::Silent;
        }
        arch::relax();
    }
    return Arrival::Online;
}

} // namespace

void Cpus::install_vectors(sched::PerCpu& cpu) {
    // The frame a fault is saved in, at the top of the fault stack; 16-byte aligned as the stack pointer must be.
    constexpr std::size_t frame = (sizeof(arch::GuestRegisters) + 15) & ~std::size_t{15};
    FaultStack& stack = fault_stacks_[cpu.index];
    cpu.fault_frame = reinterpret_cast<arch::GuestRegisters*>(stack.bytes + sizeof(stack.bytes) - frame);
    cpu.exit_handler.store(trivisor_exit, std::memory_order_relaxed);
    arch::set_cpu_block(cpu);
    arch::VbarEl2::write(reinterpret_cast<u64>(exception_vectors));
    arch::isb();
}

void Cpus::prepare_boot_cpu() {
    sched::PerCpu& cpu = cpus_[0];
    cpu.mpidr = arch::MpidrEl1::read() & arch::mpidr_affinity;
    install_vectors(cpu);
    forget_errors_of_firmware(cpu);
    limits_ = arch::TranslationLimits::from_registers(arch::IdAa64mmfr0El1::read(), arch::IdAa64mmfr1El1::read());
}

Result<Va> allocate_cpu_stack(memory::HostSpace& space) {
    return space.allocate_stack(stack_pages);
}

Result<void> Cpus::start_this_cpu(sched::PerCpu& cpu, Interrupts& interrupts, console::Multiplexer& console) {
    sched::start_measures(cpu);
    const arch::Lack lack = arch::find_lack(cpu.facts, limits_);
    if (lack != arch::Lack::Nothing) {
        cpu.lack.store(lack, std::memory_order_release);
        return fail(Error::Unsupported);
    }
    choose_vectors(cpu);
    cpu.console = &console;
    TRY(interrupts.start_cpu(cpu));
    arch::configure_guest_traps();
    if constexpr (option::pmu) {
        arch::silence_pmu();
    }
    cpu.online.store(true, std::memory_order_release);
    return {};
}

Result<void> Cpus::start_cpu(sched::PerCpu& cpu, memory::HostSpace& space) {
    start_ = {space.ttbr0(), space.tcr(), memory::HostSpace::mair(), TRY(allocate_cpu_stack(space)),
              static_cast<arch::CpuBlock*>(&cpu)};
    arch::clean_and_invalidate(&start_, sizeof(start_)); // the CPU reads it with its MMU off, and writes nothing back
    return arch::cpu_on(cpu.mpidr, Pa(reinterpret_cast<u64>(secondary_start)), reinterpret_cast<u64>(&start_));
}

void Cpus::start_others(const machine::Machine& machine, memory::HostSpace& space) {
    for (const machine::Cpu& described : machine.cpus) {
        if (described.mpidr == cpus_[0].mpidr) {
            continue;
        }
        sched::PerCpu& cpu = cpus_[online_];
        cpu.index = online_;
        cpu.mpidr = described.mpidr;
        const Result<void> started = described.psci ? start_cpu(cpu, space) : fail(Error::Unsupported);
        if (!started) {
            log_always("CPU {} does not start: {}", hex(described.mpidr), started.error());
            continue;
        }
        switch (wait_for(cpu)) {
        case Arrival::Online:
            ++online_;
            break;
        case Arrival::Refused: // it is off again
            log_always("CPU {} lacks {}: left out", hex(described.mpidr), arch::name_of(cpu.lack.load()));
            cpu.lack.store(arch::Lack::Nothing);
            break;
        case Arrival::Silent:
            // It may still start, and then uses its data: no other CPU may get it.
            log_always("CPU {} was started but does not respond; no further CPUs are started", hex(described.mpidr));
            return;
        }
    }
}

/// From boot/start.S, on its own stack and in the final tables.
extern "C" [[noreturn]] void trivisor_secondary(arch::CpuBlock* block) {
    sched::PerCpu& cpu = static_cast<sched::PerCpu&>(*block);
    Cpus& cpus = *the_system.cpus;
    cpus.install_vectors(cpu);
    forget_errors_of_firmware(cpu);
    if (!cpus.start_this_cpu(cpu, *the_system.interrupts, the_system.console->multiplexer())) {
        if (cpu.lack.load(std::memory_order_relaxed) != arch::Lack::Nothing) {
            arch::cpu_off();
        }
        panic("a CPU has no redistributor");
    }
    cpu.scheduler.run();
    enter_guest();
}

} // namespace trv::boot
