// SPDX-License-Identifier: Apache-2.0
#pragma once
// The interface of a tracer of TEE calls; there is none by default.

#include "tee/optee/statistics.hpp"

namespace trv::tee::optee {

class TraceHook {
  public:
    TraceHook() = default;
    TraceHook(const TraceHook&) = delete;
    TraceHook& operator=(const TraceHook&) = delete;
    virtual ~TraceHook() = default;

    static constexpr unsigned no_slot = 0xff;

    /// A yielding call got its slot.
    /// @param command [optee_msg.h] command, from the guest's argument
    virtual void call_begin(unsigned vcpu, unsigned slot, u32 command, u32 session) = 0;
    /// The call ended, and is about to return to the guest.
    /// @param code SMC return code; @param result TEE_Result in the argument, 0 unless code is OK
    virtual void call_end(unsigned slot, u32 code, u32 result) = 0;
    /// OP-TEE made a request during the call.
    virtual void rpc(unsigned slot, u32 command) = 0;
    /// The CPU enters OP-TEE for the call, or returns. @param slot no_slot for a fast call
    virtual void enter(unsigned slot) = 0;
    virtual void leave(unsigned slot) = 0;
};

} // namespace trv::tee::optee
