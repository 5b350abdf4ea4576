// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/vgic_core.hpp"

#include "lib/log.hpp"
#include "vdev/gic/hardware_spis.hpp"
#include "vdev/gic/list_registers.hpp"

#include <bit>

namespace trv::vdev {

using irqchip::VirtualInterface;
namespace ich_vtr = irqchip::ich_vtr;

// What is not part of an exit is cold, and so compiled for size.

[[gnu::cold]] VGicCore::VGicCore(VcpuWaker& waker, HardwareInput& inputs, unsigned vcpus, HeapArray<VGicSpiWord> spis)
    : waker_(waker), vcpus_(vcpus), words_(1 + static_cast<unsigned>(spis.size())),
      state_(vcpus, stale_, inputs, std::move(spis)) {}

void VGicCore::wake(u32 vcpus, unsigned self) {
    for (u32 left = vcpus; left != 0; left &= left - 1) {
        const unsigned vcpu = static_cast<unsigned>(std::countr_zero(left));
        if (vcpu != self) {
            waker_.wake(vcpu);
        }
    }
}

[[gnu::cold]] void VGicCore::reset_vcpu(unsigned vcpu) {
    const Guard guard(lock_);
    state_.reset_cpu_interface(vcpu);
}

[[gnu::cold]] void VGicCore::bind_hardware(unsigned vcpu, IntId ppi, IntId physical_ppi) {
    const Guard guard(lock_);
    VGicCpu& cpu = state_.cpus[vcpu];
    ASSERT(ppi.is_ppi() && physical_ppi.is_ppi() && !cpu.loaded());
    cpu.own.hardware |= ppi.bit();
    cpu.own.edge &= ~ppi.bit();
    cpu.physical[ppi.value] = static_cast<u8>(physical_ppi.value);
}

[[gnu::cold]] void VGicCore::set_physical(irqchip::Gic& gic, const std::array<u64, max_vcpus>& homes) {
    const Guard guard(lock_);
    state_.physical.gic = &gic;
    state_.physical.homes = homes;
}

[[gnu::cold]] Result<void> VGicCore::bind_hardware_spi(IntId spi, IntId physical) {
    if (!spi.is_spi() || spi.word() >= words_) {
        return fail(Error::OutOfRange);
    }
    const Guard guard(lock_);
    if ((state_.spi_word(spi.word()).bank.hardware & spi.bit()) != 0) {
        return fail(Error::Busy);
    }
    bind_spi(state_, spi, physical);
    return {};
}

[[gnu::cold]] void VGicCore::pause_hardware(bool paused) {
    const Guard guard(lock_);
    pause_spis(state_, paused);
}

[[gnu::cold]] void VGicCore::silence_hardware() {
    const Guard guard(lock_);
    silence_spis(state_);
}

void VGicCore::load(unsigned vcpu, irqchip::CpuInterrupts& own) {
    const u64 type = VirtualInterface::vtr();
    const Guard guard(lock_);
    VGicCpu& cpu = state_.cpus[vcpu];
    ASSERT(!cpu.loaded());
    cpu.redistributor = &own;
    VirtualInterface::set_vmcr(cpu.vmcr);
    for (unsigned n = 0; n < ich_vtr::active_priority_registers(type); ++n) {
        VirtualInterface::set_active_priorities0(n, cpu.active_priorities0[n]);
        VirtualInterface::set_active_priorities1(n, cpu.active_priorities1[n]);
    }
    if (cpu.own.held != 0) {
        sample(state_, vcpu);
        cpu.own.held &= cpu.own.latch | cpu.own.active; // what fell stays inactive
        own.set_active(physical_mask(cpu, cpu.own.held));
    }
    present(state_, vcpu);
}

void VGicCore::unload(unsigned vcpu) {
    const u64 type = VirtualInterface::vtr();
    const Update update(*this, vcpu);
    VGicCpu& cpu = state_.cpus[vcpu];
    ASSERT(cpu.loaded());
    collect(state_, vcpu);
    withdraw(state_, vcpu);
    cpu.vmcr = VirtualInterface::vmcr();
    for (unsigned n = 0; n < ich_vtr::active_priority_registers(type); ++n) {
        cpu.active_priorities0[n] = VirtualInterface::active_priorities0(n);
        cpu.active_priorities1[n] = VirtualInterface::active_priorities1(n);
    }
    if (cpu.own.held != 0) {
        cpu.redistributor->clear_active(physical_mask(cpu, cpu.own.held));
        if (!VirtualInterface::deactivates_physical()) {
            cpu.own.held &= cpu.own.latch | cpu.own.active; // what the guest has completed is not held any more
        }
    }
    cpu.redistributor = nullptr;
}

void VGicCore::refill(unsigned vcpu) {
    collect(state_, vcpu);
    if (state_.cpus[vcpu].own.held != 0) {
        sample(state_, vcpu);
    }
    present(state_, vcpu);
}

void VGicCore::synchronize(unsigned vcpu) {
    const Update update(*this, vcpu);
    if (!state_.cpus[vcpu].loaded()) {
        return; // load() handles it
    }
    refill(vcpu);
}

void VGicCore::inject_hardware(unsigned vcpu, IntId ppi) {
    const Update update(*this, vcpu);
    VGicCpu& cpu = state_.cpus[vcpu];
    ASSERT((cpu.own.hardware & ppi.bit()) != 0 && cpu.loaded());
    // Collected first: the guest may have completed the previous one since the last exit, which must not end this
    // one.
    collect(state_, vcpu);
    cpu.own.held |= ppi.bit();
    cpu.own.set_pending(ppi.bit());
    present(state_, vcpu);
}

bool VGicCore::is_hardware_held(unsigned vcpu, IntId ppi) {
    const Guard guard(lock_);
    return (state_.cpus[vcpu].own.held & ppi.bit()) != 0;
}

void VGicCore::deactivate_interrupt(unsigned vcpu, u32 number) {
    if (number >= interrupts()) {
        return;
    }
    const IntId intid(number & (32 * words_ - 1)); // a power of two: below it even where the CPU has guessed
    const Update update(*this, vcpu);
    collect(state_, vcpu);
    state_.deactivate_unlisted(intid, vcpu);
    state_.mark(vcpu);
}

bool VGicCore::has_deliverable(unsigned vcpu) {
    // From the first look on under the lock, which orders us with each CPU that changes something for this vCPU. If it
    // had the lock before us, we find the vCPU marked. If it has the lock after us, then what our caller wrote before,
    // such as a cleared wake-up flag, comes before its wake(). A look at the mark without the lock could be made before
    // the caller's store is visible elsewhere, and both sides would miss each other.
    const Update update(*this, vcpu);
    if (state_.cpus[vcpu].loaded() && (needs_flush(vcpu) || state_.cpus[vcpu].own.held != 0)) {
        refill(vcpu);
    }
    return is_signalled(state_, vcpu);
}

bool VGicCore::has_pending(unsigned vcpu) {
    const Update update(*this, vcpu);
    ASSERT(state_.cpus[vcpu].loaded());
    collect(state_, vcpu);
    sample(state_, vcpu);
    const bool pending = is_pending(state_, vcpu);
    present(state_, vcpu);
    return pending;
}

void VGicCore::set_level(IntId spi, bool asserted) {
    if (!spi.is_spi() || spi.word() >= words_) {
        return;
    }
    const Update update(*this, no_vcpu);
    state_.set_level(spi, 0, asserted);
}

void VGicCore::pulse(IntId spi) {
    if (!spi.is_spi() || spi.word() >= words_) {
        return;
    }
    const Update update(*this, no_vcpu);
    state_.set_pending(spi, 0);
}

void VGicCore::inject_hardware_spi(IntId spi, unsigned running) {
    if (!spi.is_spi() || spi.word() >= words_) {
        return; // claimed, but not bound
    }
    const Update update(*this, running);
    fire_spi(state_, spi);
    if (running != no_vcpu && needs_flush(running)) { // while the lock is held, instead of before the entry
        refill(running);
    }
}

void VGicCore::set_private_level(unsigned vcpu, IntId ppi, bool asserted) {
    if (!ppi.is_ppi()) {
        return;
    }
    const Update update(*this, no_vcpu);
    state_.set_level(ppi, vcpu, asserted);
}

} // namespace trv::vdev
