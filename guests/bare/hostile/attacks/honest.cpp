// SPDX-License-Identifier: Apache-2.0
// A driver that behaves, to see that what the attacks begin from works: probe, calls of all forms, requests.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

constinit Page list{};

CallRegisters fast(u32 function, u64 a1 = 0) {
    return call(Conduit::Smc, CallRegisters{function, a1});
}

void probe() {
    const CallRegisters uid = fast(abi::CallsUid);
    check("CALLS_UID is OP-TEE's",
          uid[0] == abi::uid[0] && uid[1] == abi::uid[1] && uid[2] == abi::uid[2] && uid[3] == abi::uid[3],
          "{} {} {} {}", hex(uid[0]), hex(uid[1]), hex(uid[2]), hex(uid[3]));
    const CallRegisters revision = fast(abi::CallsRevision);
    check("CALLS_REVISION is 2.0", revision[0] == abi::revision_major && revision[1] == abi::revision_minor, "{}.{}",
          revision[0], revision[1]);
    check("GET_THREAD_COUNT says at least 1", fast(abi::GetThreadCount)[1] >= 1, "0");
    const CallRegisters capabilities = fast(abi::ExchangeCapabilities, abi::NsecUniprocessor);
    constexpr u64 offered = abi::CapDynamicShm | abi::CapRpcArg | abi::CapMemrefNull;
    check("EXCHANGE_CAPABILITIES offers the required capabilities",
          capabilities[0] == abi::Ok && (capabilities[1] & offered) == offered && capabilities[3] == 4, "{} {} {} {}",
          hex(capabilities[0]), hex(capabilities[1]), capabilities[2], capabilities[3]);
    check("EXCHANGE_CAPABILITIES offers no more than it may", (capabilities[1] & ~(offered | abi::CapAsyncNotif)) == 0,
          "{}", hex(capabilities[1]));
    check("EXCHANGE_CAPABILITIES knows no other bit", fast(abi::ExchangeCapabilities, 2)[0] == abi::ENotAvail, "OK");
}

Verdict missing_application(Form form) {
    HonestSupplicant supplicant;
    first.prepare_open(nowhere);
    const Answer answer = first.send(supplicant, form);
    if (supplicant.loads == 0) {
        return Verdict::bad("no LOAD_TA came, code {} result {}", hex(answer.code), hex(answer.ret));
    }
    return expect_result(answer, item_not_found);
}

} // namespace

void honest(std::string_view) {
    probe();
    attack("register, open, invoke, close, unregister", [] { return Verdict::good(); });
    attack("an application that does not exist: CALL_WITH_RPC_ARG", [] { return missing_application(Form::RpcArg); });
    attack("an application that does not exist: CALL_WITH_ARG", [] { return missing_application(Form::Arg); });
    attack("an application that does not exist: CALL_WITH_REGD_ARG", [] {
        (void)first.register_page(first.cookie(), first.page(), list);
        const Verdict verdict = missing_application(Form::RegdArg);
        (void)first.unregister(first.cookie());
        return verdict;
    });
}

} // namespace trv::bare::hostile
