// SPDX-License-Identifier: Apache-2.0
// RETURN_FROM_RPC for calls that do not exist, have ended, or are continued by another vCPU.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/held_call.hpp"
#include "guests/bare/hostile/other_cpu.hpp"

namespace trv::bare::hostile {
namespace {

Verdict expect_no_such_thread(u32 token) {
    const CallRegisters after = return_from_rpc(token);
    return static_cast<u32>(after[0]) == abi::EResume
               ? Verdict::good()
               : Verdict::bad("token {} is answered with {}", hex(token), hex(after[0]));
}

/// Every token near to one, and far.
Verdict try_tokens(u32 around, bool but_itself) {
    constexpr u32 wrong[] = {1, 2, 3, 4, 7, 8, 16, 64, 0x100, 0x1'0000, 0x8000'0000, 0xffff'ffff};
    Verdict verdict = but_itself ? Verdict::good() : expect_no_such_thread(around);
    for (const u32 bits : wrong) {
        if (verdict.is_good()) {
            verdict = expect_no_such_thread(around ^ bits);
        }
    }
    return verdict;
}

Verdict nothing_suspended() {
    Verdict verdict = try_tokens(0, false);
    for (u32 token = 0; verdict.is_good() && token < 4096; ++token) {
        verdict = expect_no_such_thread(token);
    }
    return verdict;
}

Verdict wrong_while_held() {
    Call held = hold(first);
    if (!held.is_suspended()) {
        return Verdict::bad("no call was held");
    }
    const Verdict verdict = try_tokens(held.token(), true);
    const Answer answer = let_go(first, held);
    return verdict.is_good() ? expect_result(answer, item_not_found) : verdict;
}

Verdict used_tokens() {
    Call held = hold(first);
    HonestSupplicant supplicant;
    Verdict verdict;
    unsigned tokens = 0;
    while (held.is_suspended() && verdict.is_good()) {
        const u32 used = held.token();
        supplicant.serve(held);
        verdict = expect_no_such_thread(used);
        ++tokens;
    }
    if (tokens < 2) {
        return Verdict::bad("only {} tokens came", tokens);
    }
    const Answer answer = let_go(first, held);
    return verdict.is_good() ? expect_result(answer, item_not_found) : verdict;
}

/// Another vCPU of the VM may go on with a call: a thread of the guest's moves.
Verdict from_other_cpu() {
    Call held = hold(first);
    std::atomic<bool> done = false;
    {
        OtherCpu other([&](const std::atomic<bool>&) {
            HonestSupplicant supplicant;
            (void)supplicant.run(held);
            done.store(true);
        });
        if (!other.finish()) {
            return Verdict::bad("vCPU 1 did not come back");
        }
    }
    return done.load() ? expect_result(first.answer(held.code()), item_not_found) : Verdict::bad("it did not run");
}

/// Both vCPUs resume each token at once: one continues, the other gets ERESUME.
Verdict both_at_once() {
    constexpr unsigned rounds = 60;
    std::atomic<u32> token = 0;
    std::atomic<u32> turn = 0;
    std::atomic<u32> answered = 0;
    CallRegisters theirs{};
    OtherCpu other([&](const std::atomic<bool>& stop) {
        for (u32 seen = 0; !stop.load();) {
            if (turn.load() == seen) {
                continue;
            }
            seen = turn.load();
            theirs = return_from_rpc(token.load());
            answered.store(seen);
        }
    });
    if (!other.started()) {
        return Verdict::bad("vCPU 1 could not be started");
    }
    unsigned both = 0;
    unsigned neither = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        Call held = hold(first);
        while (held.is_suspended()) {
            held.rpc->header.ret = held.has_command() ? item_not_found : held.rpc->header.ret;
            token.store(held.token());
            const u32 now = turn.fetch_add(1) + 1;
            const CallRegisters mine = return_from_rpc(held.token());
            while (answered.load() != now) {
            }
            const bool mine_lost = static_cast<u32>(mine[0]) == abi::EResume;
            const bool theirs_lost = static_cast<u32>(theirs[0]) == abi::EResume;
            both += !mine_lost && !theirs_lost ? 1 : 0;
            neither += mine_lost && theirs_lost ? 1 : 0;
            held.registers = mine_lost ? theirs : mine;
            if (mine_lost && theirs_lost) {
                break;
            }
        }
    }
    if (!other.finish()) {
        return Verdict::bad("vCPU 1 did not come back");
    }
    return both + neither == 0 ? Verdict::good() : Verdict::bad("both {} times, neither {} times", both, neither);
}

} // namespace

void resumes(std::string_view) {
    attack("RETURN_FROM_RPC with nothing suspended", nothing_suspended);
    attack("RETURN_FROM_RPC with tokens near to the right one", wrong_while_held);
    attack("RETURN_FROM_RPC twice, and after the end", used_tokens);
    attack("RETURN_FROM_RPC from the other vCPU", from_other_cpu);
    attack("RETURN_FROM_RPC from both vCPUs at once", both_at_once);
}

} // namespace trv::bare::hostile
