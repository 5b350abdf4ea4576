// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/state.hpp"

#include "lib/log.hpp"
#include "vdev/gic/hardware_spis.hpp"

#include <bit>
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

[[gnu::cold]] Result<HeapArray<VGicSpiWord>> VGicState::make_spis(unsigned spis) {
    if (spis > vgic_max_spis) {
        return fail(Error::OutOfRange);
    }
    const unsigned wanted = 1 + (std::max(spis, vgic_min_spis) + 31) / 32;
    return HeapArray<VGicSpiWord>::create(std::bit_ceil(wanted) - 1);
}

[[gnu::cold]] VGicState::VGicState(unsigned vcpu_count, VGicStaleFlags& stale_flags, HardwareInput& hardware_inputs,
                                   HeapArray<VGicSpiWord> spi_words)
    : vcpus(vcpu_count), words(1 + static_cast<unsigned>(spi_words.size())),
      priority_mask(static_cast<u8>(0xff << (8 - irqchip::ich_vtr::priority_bits(irqchip::VirtualInterface::vtr())))),
      stale(stale_flags), inputs(hardware_inputs), spis_(std::move(spi_words)) {
    ASSERT(vcpus >= 1 && vcpus <= max_vcpus && std::has_single_bit(words) && words <= vgic_max_words);
    reset();
}

[[gnu::cold]] void VGicState::reset() {
    groups = GroupMasks{};
    silence_spis(*this);
    for (unsigned word = 1; word < words; ++word) {
        VGicSpiWord& spis = spi_word(word);
        reset_bank(spis.bank, 0);
        spis.affinity.fill(0);
        spis.routed.fill(0);
        spis.routed[0] = ~u32{0};
        spis.mine.fill(0);
    }
    busy = (u32{2} << (words - 1)) - 2; // all, because lines may be high
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        VGicCpu& cpu = cpus[vcpu];
        reset_bank(cpu.own, sgi_mask);
        cpu.asleep = true;
        reset_cpu_interface(vcpu);
    }
    if constexpr (irqchip::models_gicv2) {
        if (v2 != nullptr) {
            reset_v2();
        }
    }
}

/// All are in Group 0, and SPIs have vCPU 0 for their target, whose bit ITARGETSR shows.
[[gnu::cold]] void VGicState::reset_v2() {
    *v2 = VGicV2State{};
    for (unsigned word = 1; word < words; ++word) {
        spi_word(word).bank.group1 = 0;
        spi_word(word).affinity.fill(1);
    }
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        cpus[vcpu].own.group1 = 0;
    }
}

[[gnu::cold]] void VGicState::reset_cpu_interface(unsigned vcpu) {
    VGicCpu& cpu = cpus[vcpu];
    ASSERT(!cpu.loaded());
    cpu.vmcr = irqchip::ich_vmcr::reset_value(irqchip::VirtualInterface::vtr());
    if constexpr (irqchip::models_gicv2) {
        if (v2 != nullptr) {
            cpu.vmcr &= ~irqchip::ich_vmcr::fiq_enable; // which has to be 1 with system registers only
        }
    }
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
    if (word == 0) {
        touch_own(mask, vcpu);
        return;
    }
    busy |= u32{1} << word;
    const VGicSpiWord& changed = spi_word(word);
    if (changed.bank.held != 0) [[unlikely]] {
        release_spis(*this, word);
    }
    const u32 deliverable = changed.bank.deliverable(groups) & mask;
    const u32 placed = (changed.bank.listed | changed.bank.active) & mask;
    if ((deliverable | placed) == 0) {
        return;
    }
    for (unsigned i = 0; i < vcpus; ++i) {
        if (((placed & changed.mine[i]) | (deliverable & changed.routed[i])) != 0) {
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
        u32& mine = spi_word(intid.word()).mine[vcpu];
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

void VGicState::route(IntId spi, u32 new_affinity) {
    VGicSpiWord& spis = spi_word(spi.word());
    const u32 bit = spi.bit();
    spis.affinity[spi.value % 32] = new_affinity;
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        u32& routed = spis.routed[vcpu];
        if (vcpu != new_affinity) {
            routed &= ~bit;
            continue;
        }
        routed |= bit;
        if ((spis.bank.hardware & bit) != 0) {
            follow_route(*this, spi, vcpu); // not new_affinity, which is the guest's: this index is in range always
        }
    }
    touch(spi.word(), bit, 0);
}

} // namespace trv::vdev
