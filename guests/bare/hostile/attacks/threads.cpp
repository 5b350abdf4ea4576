// SPDX-License-Identifier: Apache-2.0
// All of the VM's threads held, and nothing answered.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/held_call.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/words.hpp"

namespace trv::bare::hostile {
namespace {

constinit Page third_page{};
constinit const Client third{third_page, 0xffff'0000'c0de'2000};

/// Serves both by turns, since one may wait for the other.
Verdict let_both_go(Call& one, Call& two) {
    constexpr unsigned most = 20'000;
    HonestSupplicant supplicant;
    for (unsigned i = 0; (one.is_suspended() || two.is_suspended()) && i < most; ++i) {
        Call& call = (i % 2 == 0 && one.is_suspended()) || !two.is_suspended() ? one : two;
        supplicant.serve(call);
    }
    const Verdict verdict = expect_result(first.answer(one.code()), item_not_found);
    return verdict.is_good() ? expect_result(second.answer(two.code()), item_not_found) : verdict;
}

Verdict hold_both(u32 seconds, Form form) {
    Call one = hold(first, form);
    Call two = hold(second, form);
    if (!one.is_suspended() || !two.is_suspended()) {
        return Verdict::bad("not held: codes {} {}", hex(one.code()), hex(two.code()));
    }
    const u64 until = now() + seconds * frequency();
    Verdict verdict;
    do {
        third.prepare_open(enumeration);
        const Call refused = third.begin();
        if (refused.code() != abi::EThreadLimit) {
            verdict = Verdict::bad("a third call is answered with {}", hex(refused.code()));
        }
    } while (now() < until && verdict.is_good());
    const u64 cache = call(Conduit::Smc, abi::DisableShmCache);
    if (cache != abi::EBusy) {
        verdict = Verdict::bad("DISABLE_SHM_CACHE with calls in flight: {}", hex(cache));
    }
    const Verdict gone = let_both_go(one, two);
    return verdict.is_good() ? gone : verdict;
}

} // namespace

void threads(std::string_view arguments) {
    const u32 seconds = parse_number(take_word(arguments)).value_or(2);
    attack("both threads held, CALL_WITH_RPC_ARG", [&] { return hold_both(seconds, Form::RpcArg); });
    attack("both threads held, CALL_WITH_ARG", [&] { return hold_both(seconds, Form::Arg); });
}

} // namespace trv::bare::hostile
