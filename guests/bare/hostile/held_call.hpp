// SPDX-License-Identifier: Apache-2.0
#pragma once
// Calls that stand still: an application that does not exist is opened, and what OP-TEE then wants is not answered.

#include "guests/bare/hostile/client.hpp"

namespace trv::bare::hostile {

/// @return a call that waits with an RPC command; not suspended if it would not come to one
[[nodiscard]] inline Call hold(const Client& client, Form form = Form::RpcArg) {
    client.prepare_open(nowhere);
    HonestSupplicant supplicant;
    Call call = client.begin(form);
    while (call.is_suspended() && !call.has_command()) {
        supplicant.serve(call);
    }
    return call;
}

/// Goes on until OP-TEE asks for `command`, whose request then stands unanswered.
[[nodiscard]] inline Call hold_at(const Client& client, u32 command, Form form = Form::RpcArg) {
    HonestSupplicant supplicant;
    Call call = hold(client, form);
    while (call.is_suspended() && !(call.has_command() && call.rpc->header.cmd == command)) {
        supplicant.serve(call);
    }
    return call;
}

/// Serves a held call to its end, which must report that the application does not exist.
[[nodiscard]] inline Answer let_go(const Client& client, Call& call) {
    HonestSupplicant supplicant;
    return client.answer(supplicant.run(call));
}

} // namespace trv::bare::hostile
