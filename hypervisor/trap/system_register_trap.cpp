// SPDX-License-Identifier: Apache-2.0
#include "arch/registers/id_registers.hpp"
#include "arch/skip_instruction.hpp"
#include "generated/option/gicv2.hpp"
#include "generated/option/pmu.hpp"
#include "trap/debug_register.hpp"
#include "trap/guest_exception.hpp"
#include "trap/handlers.hpp"
#include "trap/pmu_register.hpp"
#include "vm/physical_timer.hpp"
#include "vm/vm.hpp"

namespace trv::trap {
namespace {

using namespace arch;

constexpr auto icc_sgi1r = system_register(3, 0, 12, 11, 5);
constexpr auto icc_asgi1r = system_register(3, 0, 12, 11, 6);
constexpr auto icc_sgi0r = system_register(3, 0, 12, 11, 7);
constexpr auto icc_dir = system_register(3, 0, 12, 11, 1);
constexpr auto icc_sre = system_register(3, 0, 12, 12, 5);
constexpr auto actlr = system_register(3, 0, 1, 0, 1);

/// Interrupts that a guest sends or ends. Precondition: it is a write; all are write-only.
[[maybe_unused]] bool handle_interrupt_register(vm::Vcpu& vcpu, SystemRegisterTrap trap, vdev::VGicV3& gic) {
    const u64 value = vcpu.registers().get(trap.register_index());
    switch (trap.name().encoding) {
    case icc_sgi1r.encoding:
        gic.send_sgi(vcpu.index(), vdev::SgiRegister::Sgi1, value);
        return true;
    case icc_asgi1r.encoding:
        gic.send_sgi(vcpu.index(), vdev::SgiRegister::AliasSgi1, value);
        return true;
    case icc_sgi0r.encoding:
        gic.send_sgi(vcpu.index(), vdev::SgiRegister::Sgi0, value);
        return true;
    case icc_dir.encoding:
        gic.deactivate(vcpu.index(), value);
        return true;
    default:
        return false;
    }
}

/// A GICv2 has no system registers.
[[maybe_unused]] bool handle_interrupt_register(vm::Vcpu&, SystemRegisterTrap, vdev::VGicV2&) {
    return false;
}

/// ICC_SRE_EL1: the system-register interface is the only one, as hardware without the other one reports
/// [GICv3 12.2.25]. Traps where ICC_SRE_EL2.Enable can be 0.
bool handle_interface_choice(vm::Vcpu& vcpu, SystemRegisterTrap trap) {
    constexpr u64 sre_dfb_dib = 7;
    if (option::gicv2 || trap.name() != icc_sre) {
        return false;
    }
    if (trap.read()) {
        vcpu.registers().set(trap.register_index(), sre_dfb_dib);
    }
    return true;
}

/// Precondition: it is a read; all are read-only.
bool handle_identification(vm::Vcpu& vcpu, SystemRegisterTrap trap) {
    if (!is_id_register(trap)) {
        return false;
    }
    vcpu.registers().set(trap.register_index(), sanitize_id_register(trap.name(), read_id_register(trap.name())));
    return true;
}

/// ACTLR_EL1 controls the core, not the guest: reads as zero, ignores writes, as the architecture permits.
bool handle_auxiliary_control(vm::Vcpu& vcpu, SystemRegisterTrap trap) {
    if (trap.name() != actlr) {
        return false;
    }
    if (trap.read()) {
        vcpu.registers().set(trap.register_index(), 0);
    }
    return true;
}

} // namespace

void handle_system_register(vm::Vcpu& vcpu, SystemRegisterTrap trap) {
    // What guests read most, and what they write most, comes first.
    const bool handled =
        (trap.read() ? handle_identification(vcpu, trap) : handle_interrupt_register(vcpu, trap, vcpu.vm().vgic())) ||
        handle_physical_timer(vcpu, trap) || handle_debug_register(vcpu, trap) ||
        (option::pmu && handle_pmu_register(vcpu, trap)) || handle_auxiliary_control(vcpu, trap) ||
        handle_interface_choice(vcpu, trap);
    if (handled) {
        skip_instruction(vcpu.registers(), 4);
        return;
    }
    log_limited(vcpu.vm().log_limit(), "{}: vCPU {} {} unknown system register S{}_{}_C{}_C{}_{} at {}: undefined",
                vcpu.vm().name(), vcpu.index(), trap.read() ? "reads" : "writes", trap.op0(), trap.op1(), trap.crn(),
                trap.crm(), trap.op2(), hex(vcpu.registers().pc));
    inject_undefined(vcpu);
}

} // namespace trv::trap
