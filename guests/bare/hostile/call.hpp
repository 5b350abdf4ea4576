// SPDX-License-Identifier: Apache-2.0
#pragma once
// One yielding call, SMC by SMC.

#include "guests/bare/hostile/message.hpp"

namespace trv::bare::hostile {

struct Call {
    CallRegisters registers{}; ///< as the last SMC left them
    Message* rpc = nullptr;    ///< where requests of OP-TEE's are written; null until it asked for memory for them

    [[nodiscard]] u32 code() const { return static_cast<u32>(registers[0]); }
    [[nodiscard]] u32 token() const { return static_cast<u32>(registers[3]); }
    [[nodiscard]] u64 cookie() const { return abi::from_halves(registers[1], registers[2]); }
    /// OP-TEE has made a request, after which the call continues.
    [[nodiscard]] bool is_suspended() const { return abi::is_rpc(code()); }
    [[nodiscard]] bool has_command() const { return code() == abi::RpcCommand; }
};

/// @param place an address, or a cookie
[[nodiscard]] inline Call begin(Form form, u64 place, u32 offset, Message* rpc) {
    Call call;
    call.rpc = rpc;
    call.registers =
        bare::call(Conduit::Smc, CallRegisters{function_of(form), abi::high_half(place), abi::low_half(place), offset});
    return call;
}

/// RETURN_FROM_RPC; `place` and `cookie` answer an ALLOC.
[[nodiscard]] inline CallRegisters return_from_rpc(u32 token, u64 place = 0, u64 cookie = 0) {
    return bare::call(Conduit::Smc, CallRegisters{abi::ReturnFromRpc, abi::high_half(place), abi::low_half(place),
                                                  token, abi::high_half(cookie), abi::low_half(cookie)});
}

inline void resume(Call& call, u64 place = 0, u64 cookie = 0) {
    call.registers = return_from_rpc(call.token(), place, cookie);
}

} // namespace trv::bare::hostile
