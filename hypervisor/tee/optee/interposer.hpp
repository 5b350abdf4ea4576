// SPDX-License-Identifier: Apache-2.0
#pragma once
// The interface of what answers a VM's entries into OP-TEE at EL2; there is none by default.

#include "arch/smccc.hpp"
#include "lib/types.hpp"

namespace trv::tee::optee {

class Interposer {
  public:
    Interposer() = default;
    Interposer(const Interposer&) = delete;
    Interposer& operator=(const Interposer&) = delete;
    virtual ~Interposer() = default;

    /// Stands for the SMC into OP-TEE.
    /// @param slot of the call; TraceHook::no_slot for a fast call
    virtual arch::SmcResult enter(const arch::SmcArguments& entry, unsigned slot) = 0;
    /// The VM gives up memory that it has lent to another one: when this returns, the other one has it no more.
    /// @param loan its name, SharedMemory::Extent's. Context: no lock; cost grows with the memory
    virtual void end_loan(u64 loan) = 0;
    /// The same for all that the VM has lent.
    virtual void end_loans() = 0;
    /// After it no notification of its own reaches the VM. Any CPU; waits for a CPU that sends one.
    virtual void silence() = 0;
};

} // namespace trv::tee::optee
