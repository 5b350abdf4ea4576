// SPDX-License-Identifier: Apache-2.0
#include "vm/guest_error.hpp"

#include "arch/asynchronous_error.hpp"
#include "arch/exception/serror.hpp"
#include "vm/vm.hpp"

namespace trv::vm {

// Out of line: its text buffer would cost every exit a protected frame.
[[gnu::cold, gnu::noinline]] void deliver_error(Vcpu& vcpu, u64 syndrome) {
    vcpu.statistics.count(ExitReason::Fault);
    const bool fatal = arch::effect_of_error(syndrome) == arch::ErrorEffect::Fatal;
    log_limited(vcpu.vm().log_limit(), "{}: vCPU {} caused an asynchronous error (SError, syndrome {}): {}",
                vcpu.vm().name(), vcpu.index(), hex(syndrome), fatal ? "its guest gets it" : "it did no harm");
    if (fatal) {
        // In AArch32 VSESR_EL2 has other fields: 0 is an uncontainable error [Arm ARM D24.2.209].
        arch::pend_virtual_error(vcpu.is_aarch32() ? 0 : arch::guest_error_syndrome(syndrome));
        vcpu.wake(); // one that waits for an interrupt goes on for this, too
    }
}

} // namespace trv::vm
