// SPDX-License-Identifier: Apache-2.0
// Trusted applications that the machine description does not allow.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

Verdict denied(const tee::optee::Uuid& application, Form form, u64 login) {
    HonestSupplicant supplicant;
    first.prepare_open(application).params[1].c = login;
    first.argument().header.session = 0x1234;
    const Answer answer = first.send(supplicant, form);
    if (supplicant.commands != 0) {
        return Verdict::bad("OP-TEE was asked");
    }
    if (answer.origin != tee::optee::msg::origin_tee || first.session() != 0) {
        return Verdict::bad("origin {} session {}", answer.origin, hex(first.session()));
    }
    return expect_result(answer, access_denied);
}

} // namespace

void policy(std::string_view) {
    for (const u64 login : {u64{0}, u64{1}, u64{2}, u64{4}, u64{5}, u64{6}, u64{0x8000'0000}, ~u64{0}}) {
        attack("invoke_tests as login", login, [&] { return denied(invoke_tests, Form::RpcArg, login); });
        attack("stats as login", login, [&] { return denied(statistics, Form::RpcArg, login); });
    }
    attack("invoke_tests by CALL_WITH_ARG", [] { return denied(invoke_tests, Form::Arg, 0); });
}

} // namespace trv::bare::hostile
