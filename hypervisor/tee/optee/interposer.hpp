// SPDX-License-Identifier: Apache-2.0
#pragma once
// The interface of what answers a VM's entries into OP-TEE at EL2; there is none by default.

#include "arch/smccc.hpp"

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
    /// After it no notification of its own reaches the VM. Any CPU; waits for a CPU that sends one.
    virtual void silence() = 0;
};

} // namespace trv::tee::optee
