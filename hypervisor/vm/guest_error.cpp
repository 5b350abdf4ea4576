// SPDX-License-Identifier: Apache-2.0
#include "vm/guest_error.hpp"

#include "arch/asynchronous_error.hpp"
#include "arch/exception_state.hpp"
#include "arch/serror.hpp"
#include "vm/per_cpu.hpp"
#include "vm/vm.hpp"

#include <utility>

namespace trv::vm {
namespace {

// Out of line: its text buffer would cost every exit a protected frame.
[[gnu::cold, gnu::noinline]] void deliver(Vcpu& vcpu, u64 syndrome) {
    vcpu.statistics.count(ExitReason::Fault);
    const bool fatal = arch::effect_of_error(syndrome) == arch::ErrorEffect::Fatal;
    log_limited(vcpu.vm().log_limit(), "{}: vCPU {} caused an asynchronous error (SError, syndrome {}): {}",
                vcpu.vm().name(), vcpu.index(), hex(syndrome), fatal ? "its guest gets it" : "it did no harm");
    if (fatal) {
        arch::pend_virtual_error(arch::guest_error_syndrome(syndrome));
        vcpu.wake(); // one that waits for an interrupt goes on for this, too
    }
}

[[gnu::cold, gnu::noinline]] void deliver_taken_error(PerCpu& cpu) {
    Vcpu* const vcpu = cpu.scheduler.loaded();
    if (vcpu == nullptr) {
        log_always("CPU {}: asynchronous error (SError, syndrome {}) with no guest loaded", cpu.index,
                   hex(cpu.error_syndrome));
        panic("an access of the hypervisor's own failed");
    }
    deliver(*vcpu, cpu.error_syndrome);
}

} // namespace

[[gnu::cold, gnu::noinline]] void deliver_error(Vcpu& vcpu) {
    deliver(vcpu, arch::exception_syndrome());
}

void deliver_errors(PerCpu& cpu) {
    if (std::exchange(cpu.has_error, false)) [[unlikely]] {
        deliver_taken_error(cpu);
    }
}

} // namespace trv::vm
