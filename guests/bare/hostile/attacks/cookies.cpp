// SPDX-License-Identifier: Apache-2.0
// Cookies that were never registered, were registered twice, are in use, or belong to OP-TEE's requests.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/held_call.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 cookie = 0xc00c1e;
constinit Page data[2]{};
constinit Page list{};

/// The first of several steps that went wrong.
class Steps {
  public:
    void expect(const Answer& answer, u32 ret) {
        ++step_;
        if (verdict_.is_good() && (answer.code != abi::Ok || answer.ret != ret)) {
            verdict_ = Verdict::bad("step {}: code {} result {} instead of {}", step_, hex(answer.code),
                                    hex(answer.ret), hex(ret));
        }
    }
    [[nodiscard]] Verdict verdict() const { return verdict_; }

  private:
    Verdict verdict_;
    unsigned step_ = 0;
};

Verdict register_zero() {
    Steps steps;
    steps.expect(first.register_page(0, data[0], list), bad_parameters);
    steps.expect(first.unregister(0), bad_parameters);
    return steps.verdict();
}

Verdict unregister_twice() {
    Steps steps;
    steps.expect(first.register_page(cookie, data[0], list), ok);
    steps.expect(first.unregister(cookie), ok);
    steps.expect(first.unregister(cookie), bad_parameters);
    steps.expect(first.register_page(cookie, data[0], list), ok);
    steps.expect(first.unregister(cookie), ok);
    return steps.verdict();
}

Verdict register_twice() {
    Steps steps;
    steps.expect(first.register_page(cookie, data[0], list), ok);
    steps.expect(first.register_page(cookie, data[1], list), ok);
    steps.expect(first.unregister(cookie), ok);
    steps.expect(first.unregister(cookie), bad_parameters);
    return steps.verdict();
}

Verdict use_after_unregister() {
    Steps steps;
    steps.expect(first.open(enumeration), ok);
    const u32 session = first.session();
    steps.expect(first.register_page(cookie, data[0], list), ok);
    steps.expect(first.invoke(session, cookie, 0, page_size), ok);
    steps.expect(first.unregister(cookie), ok);
    steps.expect(first.invoke(session, cookie, 0, page_size), bad_parameters);
    steps.expect(first.close(session), ok);
    return steps.verdict();
}

/// The argument of a call in flight lies in a buffer that another call takes away, or replaces, meanwhile.
Verdict take_argument_away(bool replace) {
    Steps steps;
    steps.expect(first.register_page(first.cookie(), first.page(), list), ok);
    Call held = hold(first, Form::RegdArg);
    if (!held.is_suspended()) {
        return Verdict::bad("the call was not held, code {}", hex(held.code()));
    }
    steps.expect(replace ? second.register_page(first.cookie(), data[0], list) : second.unregister(first.cookie()), ok);
    steps.expect(let_go(first, held), item_not_found);
    steps.expect(second.unregister(first.cookie()), replace ? ok : bad_parameters);
    return steps.verdict();
}

/// The memory that the guest gave for OP-TEE's requests has a cookie of its own, which means nothing in calls.
Verdict use_rpc_buffer() {
    Call held = hold_at(first, msg::rpc::ShmAlloc);
    if (!held.is_suspended()) {
        return Verdict::bad("no SHM_ALLOC came");
    }
    HonestSupplicant supplicant;
    supplicant.serve(held);
    while (held.is_suspended() && !held.has_command()) {
        supplicant.serve(held);
    }
    Steps steps;
    second.prepare_open(enumeration).header.num_params = 3;
    second.argument().params[2] = {msg::RmemInOut, 0, 8, Supplicant::first_cookie};
    steps.expect(second.send(), bad_parameters);
    steps.expect(second.unregister(Supplicant::first_cookie), bad_parameters);
    steps.expect(let_go(first, held), item_not_found);
    return steps.verdict();
}

/// The cookies that the mediator makes for OP-TEE are small numbers. None of them means anything.
Verdict guess() {
    for (u64 generation = 0; generation < 8; ++generation) {
        for (const u64 place : {u64{0}, u64{1}, u64{2}, u64{511}, u64{512}, u64{0x8000}, u64{0xffff}}) {
            const Answer answer = first.unregister(generation << 16 | place);
            if (answer.code != abi::Ok || answer.ret != bad_parameters) {
                return Verdict::bad("{}: code {} result {}", hex(generation << 16 | place), hex(answer.code),
                                    hex(answer.ret));
            }
        }
    }
    return Verdict::good();
}

/// The cache keeps what a CALL_WITH_ARG's driver gave, gives it back once, and no cookie but the driver's comes out of
/// it.
Verdict empty_cache() {
    (void)call(Conduit::Smc, abi::EnableShmCache);
    HonestSupplicant supplicant;
    first.prepare_open(nowhere);
    const Verdict verdict = expect_result(first.send(supplicant, Form::Arg), item_not_found);
    if (!verdict.is_good()) {
        return verdict;
    }
    const CallRegisters kept = call(Conduit::Smc, CallRegisters{abi::DisableShmCache});
    const u64 given = abi::from_halves(kept[1], kept[2]);
    if (kept[0] != abi::Ok || given != supplicant.rpc_argument_cookie()) {
        return Verdict::bad("DISABLE_SHM_CACHE: {}, cookie {}", hex(kept[0]), hex(given));
    }
    const u64 again = call(Conduit::Smc, abi::DisableShmCache);
    return again == abi::ENotAvail ? Verdict::good() : Verdict::bad("the cache is not empty: {}", hex(again));
}

} // namespace

void cookies(std::string_view) {
    attack("cookie 0 is refused", register_zero);
    attack("unregistered twice", unregister_twice);
    attack("registered twice, the newer one counts", register_twice);
    attack("used after it was unregistered", use_after_unregister);
    attack("unregistered while a call's argument lies in it", [] { return take_argument_away(false); });
    attack("registered again while a call's argument lies in it", [] { return take_argument_away(true); });
    attack("memory for OP-TEE's requests cannot be used as shared memory of calls", use_rpc_buffer);
    attack("the cache of memory for requests returns each entry once", empty_cache);
    attack("guessing the mediator's cookies", guess);
}

} // namespace trv::bare::hostile
