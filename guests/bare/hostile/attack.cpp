// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/hostile/attack.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 data_cookie = 0xffff'0000'da7a'0000;
constinit Page data{};
constinit Page list{};

Verdict must_work(std::string_view step, const Answer& answer) {
    return answer.is_good() ? Verdict::good()
                            : Verdict::bad("honest {}: code {} result {} origin {}", step, hex(answer.code),
                                           hex(answer.ret), answer.origin);
}

Verdict use_session(u32 session) {
    Verdict verdict = must_work("INVOKE", first.invoke(session, data_cookie, 0, page_size, Form::RegdArg));
    if (verdict.is_good() && first.argument().params[0].b % sizeof(tee::optee::Uuid) != 0) {
        verdict = Verdict::bad("honest INVOKE: {} bytes are no UUIDs", first.argument().params[0].b);
    }
    const Verdict closed = must_work("CLOSE", first.close(session, Form::RegdArg));
    return verdict.is_good() ? closed : verdict;
}

} // namespace

Verdict expect_code(const Answer& answer, u32 code) {
    return answer.code == code ? Verdict::good() : Verdict::bad("code {} instead of {}", hex(answer.code), hex(code));
}

Verdict expect_result(const Answer& answer, u32 ret) {
    if (answer.code != abi::Ok) {
        return Verdict::bad("code {} instead of result {}", hex(answer.code), hex(ret));
    }
    return answer.ret == ret ? Verdict::good() : Verdict::bad("result {} instead of {}", hex(answer.ret), hex(ret));
}

Verdict expect_refusal(const Answer& answer) {
    if (answer.code == Supplicant::gave_up || abi::is_rpc(answer.code)) {
        return Verdict::bad("the call does not end, code {}", hex(answer.code));
    }
    return answer.is_good() ? Verdict::bad("it was not refused") : Verdict::good();
}

Verdict be_honest() {
    Verdict verdict = must_work("REGISTER", first.register_page(first.cookie(), first.page(), list));
    if (!verdict.is_good()) {
        return verdict;
    }
    verdict = must_work("second REGISTER", first.register_page(data_cookie, data, list));
    if (verdict.is_good()) {
        verdict = must_work("OPEN", first.open(enumeration, Form::RegdArg));
        if (verdict.is_good()) {
            verdict = use_session(first.session());
        }
        const Verdict gone = must_work("UNREGISTER", first.unregister(data_cookie));
        verdict = verdict.is_good() ? gone : verdict;
    }
    const Verdict gone = must_work("second UNREGISTER", first.unregister(first.cookie()));
    return verdict.is_good() ? gone : verdict;
}

void restart_driver() {
    (void)call(Conduit::Smc, abi::ExchangeCapabilities);
    Supplicant::forget();
}

} // namespace trv::bare::hostile
