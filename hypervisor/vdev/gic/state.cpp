// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/state.hpp"

#include "lib/log.hpp"

#include <utility>

namespace trv::vdev {
namespace {

constexpr u32 sgi_mask = 0xffff;

void reset_bank(InterruptBank& bank, u32 always_edge) {
    const u32 line = bank.line;
    const u32 hardware = bank.hardware;
    bank = InterruptBank{};
    bank.line = line;
    bank.hardware = hardware;
    bank.edge = always_edge;
}

} // namespace

VGicState::VGicState(unsigned vcpu_count, VGicStaleFlags& stale_flags, HardwareInput& hardware_inputs)
    : vcpus(vcpu_count),
      priority_mask(static_cast<u8>(0xff << (8 - irqchip::ich_vtr::priority_bits(irqchip::VirtualInterface::vtr())))),
      stale(stale_flags), inputs(hardware_inputs) {
    ASSERT(vcpus >= 1 && vcpus <= max_vcpus);
    reset();
}

void VGicState::reset() {
    groups = GroupMasks{};
    for (InterruptBank& bank : spis) {
        reset_bank(bank, 0);
    }
    affinity.fill(0);
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        VGicCpu& cpu = cpus[vcpu];
        reset_bank(cpu.own, sgi_mask);
        cpu.routed.fill(vcpu == 0 ? ~u32{0} : 0);
        cpu.mine.fill(0);
        cpu.asleep = true;
        reset_cpu_interface(vcpu);
    }
}

void VGicState::reset_cpu_interface(unsigned vcpu) {
    VGicCpu& cpu = cpus[vcpu];
    ASSERT(!cpu.loaded());
    cpu.vmcr = irqchip::ich_vmcr::reset_value(irqchip::VirtualInterface::vtr());
    cpu.active_priorities0.fill(0);
    cpu.active_priorities1.fill(0);
}

void VGicState::mark(unsigned vcpu) {
    const bool known = stale[vcpu].load(std::memory_order_relaxed);
    stale[vcpu].store(true, std::memory_order_relaxed);
    // A loaded vCPU that is already marked was woken then, and checks before it enters the guest or sleeps. One that is
    // not loaded may have blocked since.
    if (!known || !cpus[vcpu].loaded()) {
        wakes_ |= u32{1} << vcpu;
    }
}

void VGicState::touch(unsigned word, u32 mask, unsigned vcpu) {
    const InterruptBank& changed = bank(word, vcpu);
    const u32 deliverable = changed.deliverable(groups) & mask;
    const u32 placed = (changed.listed | changed.active) & mask;
    if (word == 0) {
        // A hardware-mapped one that is neither deliverable nor placed may have to be given back to the physical GIC.
        if ((deliverable | placed | (changed.hardware & mask)) != 0) {
            mark(vcpu);
        }
        return;
    }
    if ((deliverable | placed) == 0) {
        return;
    }
    for (unsigned i = 0; i < vcpus; ++i) {
        if (((placed & cpus[i].mine[word - 1]) | (deliverable & cpus[i].routed[word - 1])) != 0) {
            mark(i);
        }
    }
}

void VGicState::touch_all() {
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        mark(vcpu);
    }
}

u32 VGicState::take_wakes() {
    return std::exchange(wakes_, 0);
}

void VGicState::deactivate_unlisted(IntId intid, unsigned vcpu) {
    const u32 bit = intid.bit();
    if (!intid.is_private()) {
        u32& mine = cpus[vcpu].mine[intid.word() - 1];
        if ((mine & bit) == 0) {
            return;
        }
        mine &= ~bit;
    }
    bank(intid.word(), vcpu).clear_active(bit);
    touch(intid.word(), bit, vcpu);
}

void VGicState::set_level(IntId intid, unsigned vcpu, bool asserted) {
    InterruptBank& target = bank(intid.word(), vcpu);
    const u32 bit = intid.bit();
    if (((target.line & bit) != 0) == asserted) {
        return;
    }
    target.line ^= bit;
    if ((target.edge & bit) != 0) {
        if (!asserted) {
            return;
        }
        target.latch |= bit;
    }
    touch(intid.word(), bit, vcpu);
}

void VGicState::set_pending(IntId intid, unsigned vcpu) {
    bank(intid.word(), vcpu).set_pending(intid.bit());
    touch(intid.word(), intid.bit(), vcpu);
}

void VGicState::route(unsigned spi_index, u32 new_affinity) {
    affinity[spi_index] = new_affinity;
    const unsigned index = spi_index / 32;
    const u32 bit = u32{1} << (spi_index % 32);
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        u32& routed = cpus[vcpu].routed[index];
        routed = vcpu == new_affinity ? routed | bit : routed & ~bit;
    }
    touch(index + 1, bit, 0);
}

} // namespace trv::vdev
