// SPDX-License-Identifier: Apache-2.0
#pragma once
// Asynchronous errors (SError) at EL2, where PSTATE.A masks them from entry to exit. A guest's access may raise one
// after the guest has left, and it stays pending at EL2: before another guest is loaded, or firmware is called (which
// would find it and hand it back, or end the machine), it is taken here. What is taken waits in
// CpuBlock::error_syndrome, and CpuBlock::attention asks for it to be dealt with.

#include "arch/guest_context.hpp"
#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"

namespace trv::arch {

/// Whether one is pending now. No barrier: what the guest's last accesses raise may still be under way.
[[nodiscard]] inline bool error_pending() {
    return (IsrEl1::read() & isr_el1::A) != 0;
}

/// Takes the pending one.
void take_error();

/// Waits until the accesses before it are complete, and takes the error that one of them raised.
void settle_errors();

/// The loaded guest takes an SError as soon as it does not mask them.
void pend_virtual_error(u64 syndrome);

void load_virtual_error(const VirtualError& error);
void save_virtual_error(VirtualError& error);

} // namespace trv::arch
