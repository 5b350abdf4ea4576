// SPDX-License-Identifier: Apache-2.0
#pragma once
// A request of OP-TEE to the guest. The reply is read according to this record, never according to the guest's memory.

#include "tee/optee/abi/message.hpp"

#include <array>

namespace trv::tee::optee {

enum class RpcRule : u8 {
    Pass,   ///< values pass, cookies are translated
    Alloc,  ///< SHM_ALLOC: the reply provides memory
    Free,   ///< SHM_FREE: returns memory
    Refuse, ///< answered at EL2: NOT_SUPPORTED
};

/// Source: [optee_rpc_cmd.h]. BENCH_REG is the one command that carries an address, hence refused.
[[nodiscard]] constexpr RpcRule rule_of(u32 command) {
    using namespace msg::rpc;
    switch (command) {
    case ShmAlloc:
        return RpcRule::Alloc;
    case ShmFree:
        return RpcRule::Free;
    case LoadTa:
    case Rpmb:
    case Fs:
    case GetTime:
    case Notification:
    case Suspend:
    case Gprof:
    case Socket:
    case Ftrace:
    case SupplicantPlugin:
    case I2c:
    case RpmbProbeReset:
    case RpmbProbeNext:
    case RpmbFrames:
        return RpcRule::Pass;
    default:
        return RpcRule::Refuse;
    }
}

struct RpcRequest {
    u32 command = 0;
    u32 num_params = 0;
    std::array<msg::Param, msg::most_rpc_params> params; ///< as seen by the guest; the first num_params are valid
};

} // namespace trv::tee::optee
