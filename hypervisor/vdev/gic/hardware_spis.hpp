// SPDX-License-Identifier: Apache-2.0
#pragma once
// SPIs of a virtual GIC that stand for physical ones. Those follow the guest's distributor: enabled, triggered, and
// routed to the CPU of the vCPU that the guest names. A physical one stays active, and cannot come again, from its
// acknowledgement until the guest deactivates it through its list register, which causes no exit. It is deactivated
// here if that will not happen: the guest has disabled or cleared it, or is paused or reset.
//
// A level that falls before the guest acknowledges it is delivered all the same, and finds its device idle: of the
// machine's interrupt controllers not all show the wire of an active interrupt.
//
// What becomes of a physical one that is active on behalf of the guest (`held`), when nothing lists it:
//
//     active  latch             physically                  its next list register
//     no      yes, enabled      stays active                pending, HW=1
//     yes     no                stays active                active, HW=1
//     yes     by the wire       stays active                active, HW=1; the latch goes, as the wire will tell
//     yes     level by ISPENDR  stays active                active, HW=0, with an exit when it ends; then pending, HW=1
//     yes     edge              release_spi(): inactive     active, and pending if it is routed here, HW=0
//     no      no, or disabled   release_spis(): inactive    none; an edge or an ISPENDR stays latched
//
// While it is listed nothing is given back: with HW=1 the guest may have done so already, which collect_one() finds.
//
// All functions: lock held.

#include "vdev/gic/state.hpp"

namespace trv::vdev {

/// Lets `spi` stand for a physical one, which is disabled. Precondition: VGicState::physical is set; both exist.
void bind_spi(VGicState& state, IntId spi, IntId physical);

/// The physical interrupt was acknowledged.
void fire_spi(VGicState& state, IntId spi);

/// Passes on what the guest wrote to a register of a word of SPIs.
/// @param array  of irqchip::gic_bank: ISENABLER, ICENABLER, ICPENDR; no other array has an effect
/// @param mask   the bits that the write changed
void follow_write(VGicState& state, unsigned word, u64 array, u32 mask);
/// Passes on the trigger configuration of those in `mask`.
void follow_triggers(VGicState& state, unsigned word, u32 mask);
/// Passes on IROUTER of a virtual SPI that has a physical one. @param vcpu  one that exists
void follow_route(VGicState& state, IntId spi, unsigned vcpu);

/// Those of a word whose physical interrupts are pending. While they are active, or disabled, only the physical
/// distributor shows that.
[[nodiscard]] u32 physically_pending(const VGicState& state, unsigned word);

/// Deactivates the physical interrupts of a word that the guest will not deactivate.
void release_spis(VGicState& state, unsigned word);
/// Deactivates the physical interrupt of one that is held.
void release_spi(VGicState& state, IntId spi);

/// While the VM is paused its physical interrupts are disabled, and those that no list register holds inactive. Edges
/// stay pending; a level comes again if its wire is still high.
void pause_spis(VGicState& state, bool paused);

/// All physical interrupts become as after power-on: disabled, level-sensitive, inactive, not pending, routed to vCPU 0.
/// Precondition: no vCPU is loaded.
void silence_spis(VGicState& state);

} // namespace trv::vdev
