// SPDX-License-Identifier: Apache-2.0
// EXCHANGE_CAPABILITIES announces a new driver. Nothing owns the old driver's calls and buffers any more.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/held_call.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 cookie = 0x01d;
constinit Page data{};
constinit Page list{};

Verdict expect_orphan(const Call& held) {
    const u64 code = return_from_rpc(held.token())[0];
    return code == abi::EResume ? Verdict::good() : Verdict::bad("the old call's token: {}", hex(code));
}

Verdict with_calls(Form form, unsigned calls) {
    const Call one = hold(first, form);
    const Call two = calls == 2 ? hold(second, form) : Call{};
    restart_driver();
    if (!one.is_suspended() || (calls == 2 && !two.is_suspended())) {
        return Verdict::bad("not held: codes {} {}", hex(one.code()), hex(two.code()));
    }
    const Verdict verdict = expect_orphan(one);
    return calls == 2 && verdict.is_good() ? expect_orphan(two) : verdict;
}

Verdict at_request(u32 command) {
    const Call held = hold_at(first, command);
    if (!held.is_suspended()) {
        return Verdict::bad("it did not come to that");
    }
    restart_driver();
    return expect_orphan(held);
}

Verdict with_buffers() {
    for (u64 i = 0; i < 16; ++i) {
        if (!first.register_page(cookie + i, data, list).is_good()) {
            return Verdict::bad("buffer {} was not registered", i);
        }
    }
    restart_driver();
    for (u64 i = 0; i < 16; ++i) {
        const Verdict verdict = expect_result(first.unregister(cookie + i), bad_parameters);
        if (!verdict.is_good()) {
            return verdict;
        }
    }
    return Verdict::good();
}

Verdict with_argument_in_buffer() {
    (void)first.register_page(first.cookie(), first.page(), list);
    const Call held = hold(first, Form::RegdArg);
    restart_driver();
    return held.is_suspended() ? expect_orphan(held) : Verdict::bad("not held");
}

/// Calls of old drivers that wait for one another: none may keep a thread from the next driver.
Verdict many_times() {
    constexpr unsigned rounds = 30;
    for (unsigned i = 0; i < rounds; ++i) {
        const Form form = i % 2 == 0 ? Form::RpcArg : Form::Arg;
        const Call one = hold(first, form);
        const Call two = hold(second, form);
        restart_driver();
        if (!one.is_suspended() || !two.is_suspended()) {
            return Verdict::bad("round {}: codes {} {}", i, hex(one.code()), hex(two.code()));
        }
        const Verdict verdict = expect_orphan(one);
        if (!verdict.is_good()) {
            return verdict;
        }
    }
    return Verdict::good();
}

} // namespace

void incarnations(std::string_view) {
    attack("a new driver, one call in flight", [] { return with_calls(Form::RpcArg, 1); });
    attack("a new driver, all calls in flight", [] { return with_calls(Form::RpcArg, 2); });
    attack("a new driver, all calls in flight, CALL_WITH_ARG", [] { return with_calls(Form::Arg, 2); });
    attack("a new driver, a call waits for memory", [] { return at_request(msg::rpc::ShmAlloc); });
    attack("a new driver, a call waits for an application", [] { return at_request(msg::rpc::LoadTa); });
    attack("a new driver, a call waits for memory to be freed", [] { return at_request(msg::rpc::ShmFree); });
    attack("a new driver, buffers are registered", with_buffers);
    attack("a new driver, a call's argument is in a buffer", with_argument_in_buffer);
    attack("new drivers all the time, calls in flight", many_times);
}

} // namespace trv::bare::hostile
