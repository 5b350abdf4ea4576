// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/vgic.hpp"

#include "lib/log.hpp"
#include "vdev/bindings.hpp"
#include "vdev/gic/hardware_spis.hpp"
#include "vdev/gic/list_registers.hpp"

#include <bit>

namespace trv::vdev {

using irqchip::VirtualInterface;
namespace ich_vtr = irqchip::ich_vtr;

// What is not part of an exit is cold, and so compiled for size.

[[gnu::cold]] VGic::VGic(VcpuWaker& waker, HardwareInput& inputs, unsigned vcpus, HeapArray<VGicSpiWord> spis)
    : waker_(waker), vcpus_(vcpus), words_(1 + static_cast<unsigned>(spis.size())),
      state_(vcpus, stale_, inputs, std::move(spis)) {}

void VGic::wake(u32 vcpus, unsigned self) {
    for (u32 left = vcpus; left != 0; left &= left - 1) {
        const unsigned vcpu = static_cast<unsigned>(std::countr_zero(left));
        if (vcpu != self) {
            waker_.wake(vcpu);
        }
    }
}

[[gnu::cold]] Result<void> VGic::attach(DeviceContext& context) {
    distributor_window_ = TRY(context.map(distributor_size, distributor_));
    redistributor_window_ = TRY(context.map(redistributor_size * vcpus_, redistributors_));
    return {};
}

[[gnu::cold]] void VGic::describe(TreeWriter& tree) const {
    tree.begin_at("interrupt-controller", distributor_window_.base.value);
    tree.text("compatible", "arm,gic-v3");
    tree.cells("#interrupt-cells", {3});
    tree.cells("#address-cells", {0});
    tree.flag("interrupt-controller");
    tree.numbers("reg", {distributor_window_.base.value, distributor_window_.size, redistributor_window_.base.value,
                         redistributor_window_.size});
    tree.cells("phandle", {gic_phandle});
    tree.end();
}

[[gnu::cold]] void VGic::reset() {
    const Guard guard(lock_);
    state_.reset();
}

[[gnu::cold]] void VGic::reset_vcpu(unsigned vcpu) {
    const Guard guard(lock_);
    state_.reset_cpu_interface(vcpu);
}

[[gnu::cold]] void VGic::bind_hardware(unsigned vcpu, IntId ppi, IntId physical_ppi) {
    const Guard guard(lock_);
    VGicCpu& cpu = state_.cpus[vcpu];
    ASSERT(ppi.is_ppi() && physical_ppi.is_ppi() && !cpu.loaded());
    cpu.own.hardware |= ppi.bit();
    cpu.own.edge &= ~ppi.bit();
    cpu.physical[ppi.value] = static_cast<u8>(physical_ppi.value);
}

[[gnu::cold]] void VGic::set_physical(irqchip::Gic& gic, const std::array<u64, max_vcpus>& homes) {
    const Guard guard(lock_);
    state_.physical.gic = &gic;
    state_.physical.homes = homes;
}

[[gnu::cold]] Result<void> VGic::bind_hardware_spi(IntId spi, IntId physical) {
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

[[gnu::cold]] void VGic::pause_hardware(bool paused) {
    const Guard guard(lock_);
    pause_spis(state_, paused);
}

[[gnu::cold]] void VGic::silence_hardware() {
    const Guard guard(lock_);
    silence_spis(state_);
}

void VGic::load(unsigned vcpu, irqchip::CpuInterrupts& own) {
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

void VGic::unload(unsigned vcpu) {
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
    }
    cpu.redistributor = nullptr;
}

void VGic::refill(unsigned vcpu) {
    collect(state_, vcpu);
    if (state_.cpus[vcpu].own.held != 0) {
        sample(state_, vcpu);
    }
    present(state_, vcpu);
}

void VGic::synchronize(unsigned vcpu) {
    const Update update(*this, vcpu);
    if (!state_.cpus[vcpu].loaded()) {
        return; // load() handles it
    }
    refill(vcpu);
}

void VGic::inject_hardware(unsigned vcpu, IntId ppi) {
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

bool VGic::is_hardware_held(unsigned vcpu, IntId ppi) {
    const Guard guard(lock_);
    return (state_.cpus[vcpu].own.held & ppi.bit()) != 0;
}

void VGic::send_sgi(unsigned vcpu, SgiRegister target, u64 value) {
    const Update update(*this, vcpu); // its destructor wakes the targets, after the lock is released
    const SgiRequest request = decode_sgi(vcpu, state_.vcpus, value);
    for (u32 left = request.targets; left != 0; left &= left - 1) {
        const unsigned to = static_cast<unsigned>(std::countr_zero(left));
        // With one security state ICC_SGI1R_EL1 reaches both groups, the other two Group 0 only
        // [GICv3 12.2 ICC_SGI1R_EL1, ICC_SGI0R_EL1, ICC_ASGI1R_EL1].
        InterruptBank& own = state_.cpus[to].own;
        const u32 bit = request.intid.bit();
        if (target == SgiRegister::Sgi1 || (own.group1 & bit) == 0) {
            own.set_pending(bit);
            state_.touch_own(bit, to);
        }
    }
}

void VGic::deactivate(unsigned vcpu, u64 value) {
    const u32 number = static_cast<u32>(value & irqchip::icc_dir_intid_mask);
    if (number >= interrupts()) {
        return;
    }
    const IntId intid(number & (32 * words_ - 1)); // a power of two: below it even where the CPU has guessed
    const Update update(*this, vcpu);
    collect(state_, vcpu);
    state_.deactivate_unlisted(intid, vcpu);
    state_.mark(vcpu);
}

bool VGic::has_deliverable(unsigned vcpu) {
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

void VGic::set_level(IntId spi, bool asserted) {
    if (!spi.is_spi() || spi.word() >= words_) {
        return;
    }
    const Update update(*this, no_vcpu);
    state_.set_level(spi, 0, asserted);
}

void VGic::pulse(IntId spi) {
    if (!spi.is_spi() || spi.word() >= words_) {
        return;
    }
    const Update update(*this, no_vcpu);
    state_.set_pending(spi, 0);
}

void VGic::inject_hardware_spi(IntId spi, unsigned running) {
    if (!spi.is_spi() || spi.word() >= words_) {
        return; // claimed, but not bound
    }
    const Update update(*this, running);
    fire_spi(state_, spi);
    if (running != no_vcpu && needs_flush(running)) { // while the lock is held, instead of before the entry
        refill(running);
    }
}

void VGic::set_private_level(unsigned vcpu, IntId ppi, bool asserted) {
    if (!ppi.is_ppi()) {
        return;
    }
    const Update update(*this, no_vcpu);
    state_.set_level(ppi, vcpu, asserted);
}

} // namespace trv::vdev
