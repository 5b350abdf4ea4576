// SPDX-License-Identifier: Apache-2.0
#include "vm/physical_timer.hpp"

#include "arch/cpu/clock.hpp"
#include "sched/per_cpu.hpp"
#include "vm/vm.hpp"

namespace trv::vm {
namespace {

using namespace arch;
using namespace arch::timer_ctl;

constexpr auto tval = system_register(3, 3, 14, 2, 0);
constexpr auto ctl = system_register(3, 3, 14, 2, 1);
constexpr auto cval = system_register(3, 3, 14, 2, 2);

/// The timer's output follows its registers: level while enabled, unmasked and due.
void update(Vcpu& vcpu) {
    Vcpu::PhysicalTimer& timer = vcpu.physical_timer;
    const u64 now = ticks();
    const bool due = now >= timer.compare;
    const bool armed = (timer.control & (ENABLE | IMASK)) == ENABLE;
    vcpu.vm().vgic().set_private_level(vcpu.index(), IntId(guest::timer_physical_intid), armed && due);
    if (armed && !due) {
        vcpu.home().timers.arm(timer.timer, timer.compare);
        vcpu.home().request_attention(); // EL2's own timer is programmed on the way back
    } else {
        vcpu.home().timers.disarm(timer.timer);
    }
}

u64 read(const Vcpu::PhysicalTimer& timer, SystemRegister name) {
    if (name == cval) {
        return timer.compare;
    }
    const u64 now = ticks();
    if (name == tval) {
        return static_cast<u32>(timer.compare - now);
    }
    const bool enabled = (timer.control & ENABLE) != 0;
    return timer.control | (enabled && now >= timer.compare ? ISTATUS : 0);
}

void write(Vcpu::PhysicalTimer& timer, SystemRegister name, u64 value) {
    if (name == cval) {
        timer.compare = value;
    } else if (name == tval) {
        timer.compare = ticks() + static_cast<u64>(i64{static_cast<i32>(value)}); // signed 32 bits from now
    } else {
        timer.control = value & (ENABLE | IMASK);
    }
}

} // namespace

bool handle_physical_timer(Vcpu& vcpu, SystemRegisterTrap trap) {
    const SystemRegister name = trap.name();
    if (name != tval && name != ctl && name != cval) {
        return false;
    }
    if (trap.read()) {
        vcpu.registers().set(trap.register_index(), read(vcpu.physical_timer, name));
    } else {
        write(vcpu.physical_timer, name, vcpu.registers().get(trap.register_index()));
        update(vcpu);
    }
    return true;
}

void physical_timer_expired(void* vcpu) {
    update(*static_cast<Vcpu*>(vcpu));
}

void reset_physical_timer(Vcpu& vcpu) {
    vcpu.physical_timer.control = 0;
    vcpu.physical_timer.compare = 0;
    vcpu.home().timers.disarm(vcpu.physical_timer.timer);
    vcpu.vm().vgic().set_private_level(vcpu.index(), IntId(guest::timer_physical_intid), false);
}

} // namespace trv::vm
