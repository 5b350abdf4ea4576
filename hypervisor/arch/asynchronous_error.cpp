// SPDX-License-Identifier: Apache-2.0
#include "arch/asynchronous_error.hpp"

#include "arch/entry.hpp"
#include "arch/this_cpu.hpp"

namespace trv::arch {
namespace {

constexpr u64 disr_valid = bit(31); ///< DISR_EL1.A [Arm ARM D24.2.37]

bool has_ras() {
    return field(IdAa64pfr0El1::read(), 31, 28) != 0;
}

void note_error(u64 syndrome) {
    CpuBlock& cpu = cpu_block();
    cpu.error_syndrome = syndrome;
    cpu.has_error = true;
    (void)cpu.attention.exchange(true, std::memory_order_relaxed);
}

/// With FEAT_RAS an error synchronization barrier moves a pending error that is masked into DISR_EL1, of which it is
/// taken without an exception; and it waits for more errors than DSB does [Arm ARM D1.3.5, RAS].
void take_deferred_error() {
    asm volatile("hint #16" ::: "memory"); // ESB
    const u64 deferred = DisrEl1::read();
    if ((deferred & disr_valid) != 0) {
        DisrEl1::write(0);
        note_error(deferred & ~disr_valid);
    }
}

} // namespace

void take_error() {
    if (has_ras()) {
        take_deferred_error();
        return;
    }
    if (const u64 syndrome = take_serror()) {
        note_error(syndrome);
    }
}

void settle_errors() {
    asm volatile("dsb sy\n\tisb" ::: "memory");
    if (has_ras() || error_pending()) {
        take_error();
    }
}

/// From arch/vectors.S.
extern "C" void trivisor_settle_errors() {
    settle_errors();
}

void pend_virtual_error(u64 syndrome) {
    if (has_ras()) {
        VsesrEl2::write(syndrome);
    }
    HcrEl2::write(HcrEl2::read() | hcr_el2::VSE);
}

void load_virtual_error(const VirtualError& error) {
    if (has_ras()) {
        VsesrEl2::write(error.syndrome);
        VdisrEl2::write(error.deferred);
    }
    const u64 others = HcrEl2::read() & ~hcr_el2::VSE;
    HcrEl2::write(others | (error.pending ? hcr_el2::VSE : 0));
}

void save_virtual_error(VirtualError& error) {
    error.pending = (HcrEl2::read() & hcr_el2::VSE) != 0; // the CPU clears it when the guest takes the error
    if (has_ras()) {
        error.syndrome = VsesrEl2::read();
        error.deferred = VdisrEl2::read();
    }
}

} // namespace trv::arch
