// SPDX-License-Identifier: Apache-2.0
#include "trap/aarch32_exception.hpp"

#include "arch/aarch32/exception.hpp"
#include "arch/aarch32/exception_state.hpp"
#include "arch/exception/exception_state.hpp"
#include "arch/registers/syndrome.hpp"

namespace trv::trap::aarch32 {
namespace {

using namespace arch::aarch32;

Control control() {
    return {.sctlr = arch::guest_system_control(), .vbar = arch::guest_vector_base()};
}

void take_exception(vm::Vcpu& vcpu, Exception exception) {
    arch::GuestRegisters& registers = vcpu.registers();
    const Entry entry = enter(exception, control(), registers.pc, registers.pstate);
    set_saved_pstate(exception, entry.saved);
    registers.set(entry.link_register, entry.link);
    registers.pc = entry.pc;
    registers.pstate = entry.pstate;
}

} // namespace

void inject_undefined(vm::Vcpu& vcpu) {
    take_exception(vcpu, Exception::Undefined);
}

void inject_external_abort(vm::Vcpu& vcpu, u64 syndrome, u64 address) {
    const auto at = static_cast<u32>(address);
    if (arch::Syndrome{syndrome}.exception_class() == arch::ExceptionClass::DataAbortLower) {
        set_data_fault(external_abort_status(translation_control(), syndrome), at);
        take_exception(vcpu, Exception::DataAbort);
    } else {
        set_prefetch_fault(external_abort_status(translation_control(), 0), at);
        take_exception(vcpu, Exception::PrefetchAbort);
    }
}

u64 prefetch_abort_vector() {
    return vector_of(Exception::PrefetchAbort, control());
}

} // namespace trv::trap::aarch32
