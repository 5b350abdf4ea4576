// SPDX-License-Identifier: Apache-2.0
#include "vdev/gic/hardware_spis.hpp"

#include "irqchip/gicv3/layout.hpp"

#include <bit>

namespace trv::vdev {
namespace {

using irqchip::Trigger;
namespace reg = irqchip::gic_bank;

/// Calls action() with the physical interrupts behind those of `mask`.
void for_each(const VGicState& state, unsigned word, u32 mask, void (*action)(irqchip::Gic& gic, IntId physical)) {
    const VGicSpiWord& spis = state.spi_word(word);
    for (u32 left = mask & spis.bank.hardware; left != 0; left &= left - 1) {
        action(*state.physical.gic, IntId(spis.physical[static_cast<std::size_t>(std::countr_zero(left))]));
    }
}

void disable(const VGicState& state, unsigned word, u32 mask) {
    for_each(state, word, mask, [](irqchip::Gic& gic, IntId physical) { gic.disable(physical); });
}

void clear_pending(const VGicState& state, unsigned word, u32 mask) {
    for_each(state, word, mask, [](irqchip::Gic& gic, IntId physical) { gic.clear_pending(physical); });
}

void enable(const VGicState& state, unsigned word, u32 mask) {
    for_each(state, word, mask, [](irqchip::Gic& gic, IntId physical) { gic.enable(physical); });
}

/// Those whose physical interrupts are to be enabled: the guest has enabled them, and is not paused.
u32 enabled_spis(const VGicState& state, unsigned word) {
    return state.physical.paused ? 0 : state.spi_word(word).bank.enabled;
}

[[gnu::cold]] void follow_enables(const VGicState& state, unsigned word, u32 mask) {
    const u32 enabled = enabled_spis(state, word);
    enable(state, word, mask & enabled);
    disable(state, word, mask & ~enabled);
}

[[gnu::cold]] void deactivate(VGicState& state, unsigned word, u32 mask) {
    for_each(state, word, mask, [](irqchip::Gic& gic, IntId physical) { gic.clear_active(physical); });
    state.spi_word(word).bank.held &= ~mask;
}

} // namespace

[[gnu::cold]] void bind_spi(VGicState& state, IntId spi, IntId physical) {
    VGicSpiWord& spis = state.spi_word(spi.word());
    spis.physical[spi.value % 32] = static_cast<u16>(physical.value);
    spis.bank.hardware |= spi.bit();
    state.physical.gic->clear_active(physical); // one that came late, for a former owner, may still be active
    follow_route(state, spi, 0);
}

void fire_spi(VGicState& state, IntId spi) {
    InterruptBank& bank = state.spi_word(spi.word()).bank;
    const u32 bit = spi.bit() & bank.hardware; // none: it came late, for a former owner
    bank.latch |= bit;
    bank.held |= bit;
    // A list register may still have the previous one. With HW=1 the guest has completed it, or this one could not have
    // come; it must not end this one when it is collected.
    bank.fired |= bank.listed & bit;
    state.touch(spi.word(), bit, 0);
}

[[gnu::cold]] void follow_write(VGicState& state, unsigned word, u64 array, u32 mask) {
    if (array == reg::isenabler || array == reg::icenabler) {
        follow_enables(state, word, mask);
    } else if (array == reg::icpendr) {
        clear_pending(state, word, mask);
    }
}

[[gnu::cold]] void follow_triggers(VGicState& state, unsigned word, u32 mask) {
    // To change the trigger of an enabled interrupt is unpredictable [GICv3 12.9 GICD_ICFGR<n>]: so it is disabled
    // meanwhile, whatever the guest does.
    const u32 enabled = mask & enabled_spis(state, word);
    disable(state, word, enabled);
    const u32 edge = state.spi_word(word).bank.edge;
    for_each(state, word, mask & edge, [](irqchip::Gic& gic, IntId spi) { gic.set_trigger(spi, Trigger::Edge); });
    for_each(state, word, mask & ~edge, [](irqchip::Gic& gic, IntId spi) { gic.set_trigger(spi, Trigger::Level); });
    enable(state, word, enabled);
}

[[gnu::cold]] void follow_route(VGicState& state, IntId spi, unsigned vcpu) {
    const u32 physical = state.spi_word(spi.word()).physical[spi.value % 32];
    state.physical.gic->route(IntId(physical), state.physical.homes[vcpu]);
}

[[gnu::cold]] u32 physically_pending(const VGicState& state, unsigned word) {
    u32 pending = 0;
    const VGicSpiWord& spis = state.spi_word(word);
    for (u32 left = spis.bank.hardware; left != 0; left &= left - 1) {
        const unsigned index = static_cast<unsigned>(std::countr_zero(left));
        pending |= u32{state.physical.gic->is_pending(IntId(spis.physical[index]))} << index;
    }
    return pending;
}

void release_spis(VGicState& state, unsigned word) {
    InterruptBank& bank = state.spi_word(word).bank;
    const u32 wanted = state.physical.paused ? 0 : bank.active | (bank.latch & bank.enabled);
    const u32 unneeded = bank.held & ~(bank.listed | wanted);
    if (unneeded == 0) {
        return;
    }
    bank.latch &= ~unneeded | bank.edge | bank.forced; // a level comes again if its wire is still high
    deactivate(state, word, unneeded);
}

[[gnu::cold]] void release_spi(VGicState& state, IntId spi) {
    deactivate(state, spi.word(), spi.bit());
}

[[gnu::cold]] void pause_spis(VGicState& state, bool paused) {
    state.physical.paused = paused;
    for (unsigned word = 1; word < state.words; ++word) {
        follow_enables(state, word, state.spi_word(word).bank.enabled);
        release_spis(state, word);
    }
}

[[gnu::cold]] void silence_spis(VGicState& state) {
    for (unsigned word = 1; word < state.words; ++word) {
        InterruptBank& bank = state.spi_word(word).bank;
        const u32 mask = bank.hardware;
        disable(state, word, mask);
        bank.enabled &= ~mask;
        bank.edge &= ~mask;
        bank.latch &= ~mask;
        bank.forced = 0;
        follow_triggers(state, word, mask);
        deactivate(state, word, bank.held);
        clear_pending(state, word, mask);
        for (u32 left = mask; left != 0; left &= left - 1) {
            follow_route(state, IntId(32 * word + static_cast<u32>(std::countr_zero(left))), 0);
        }
    }
}

} // namespace trv::vdev
