// SPDX-License-Identifier: Apache-2.0
#include "vm/interrupts.hpp"

#include "arch/gicv3.hpp"
#include "arch/pending_interrupt.hpp"
#include "console/console.hpp"
#include "lib/log.hpp"
#include "lib/rate_limit.hpp"
#include "tee/mediator.hpp"
#include "vm/per_cpu.hpp"
#include "vm/trace_points.hpp"
#include "vm/vm.hpp"

namespace trv::vm {
namespace {

constinit InterruptNumbers numbers{};
constinit tee::Mediator* mediator = nullptr;
constinit RateLimit unexpected_limit;

using arch::Gicv3;

/// The guest's timer: the interrupt stays active until the guest itself deactivates it through its list register.
void virtual_timer_fired(PerCpu& cpu) {
    Vcpu* const vcpu = cpu.scheduler.loaded();
    if (vcpu == nullptr) { // it fired while its vCPU was being unloaded, which disabled it
        Gicv3::deactivate(numbers.virtual_timer);
        return;
    }
    vcpu->vm().vgic().inject_hardware(vcpu->index(), IntId(guest_timer_virtual_intid));
    if (vcpu != cpu.scheduler.current()) {
        vcpu->wake();
    }
}

void handle(PerCpu& cpu, IntId intid) {
    trace_event(cpu, trace::Kind::Interrupt, intid.value);
    if (intid == numbers.virtual_timer) {
        Gicv3::drop_priority(intid);
        virtual_timer_fired(cpu);
        return;
    }
    if (numbers.tee && intid == *numbers.tee) {
        // Deactivated before OP-TEE is queried: a value that arrives meanwhile makes it pending again.
        Gicv3::drop_priority(intid);
        Gicv3::deactivate(intid);
        mediator->notification_interrupt();
        return;
    }
    if (intid == attention_sgi) {
        // The sender has set cpu.attention.
    } else if (intid == numbers.hyp_timer) {
        cpu.scheduler.on_timer();
    } else if (intid == numbers.maintenance) {
        if (Vcpu* const vcpu = cpu.scheduler.loaded()) {
            vcpu->vm().vgic().maintenance(vcpu->index());
        }
    } else if (numbers.uart && intid == *numbers.uart) {
        console::multiplexer().poll_input();
        console::multiplexer().pump();
    } else {
        log_limited(unexpected_limit, "unexpected interrupt {} on CPU {}", intid.value, cpu.index);
    }
    Gicv3::drop_priority(intid);
    Gicv3::deactivate(intid);
}

} // namespace

void set_interrupt_numbers(const InterruptNumbers& from_tree) {
    numbers = from_tree;
}

void set_notified_mediator(tee::Mediator& notified) {
    mediator = &notified;
}

const InterruptNumbers& interrupt_numbers() {
    return numbers;
}

void handle_interrupts(PerCpu& cpu) {
    // Bounded: a device that interrupts endlessly must not keep guests from running; they are interrupted again anyway.
    constexpr unsigned most_at_once = 16;
    unsigned left = most_at_once;
    do {
        const IntId intid = Gicv3::acknowledge();
        if (intid.is_special()) {
            return;
        }
        handle(cpu, intid);
    } while (--left != 0 && arch::interrupt_pending()); // cheaper than an acknowledge without an interrupt
}

} // namespace trv::vm
