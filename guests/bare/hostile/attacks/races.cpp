// SPDX-License-Identifier: Apache-2.0
// Arguments, page lists and answers that the second vCPU changes while the mediator reads them.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/other_cpu.hpp"
#include "guests/bare/lib/words.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 cookie = 0xf11b;
constexpr u64 secret = 0x6000'0000; ///< the hypervisor's image
constinit Page data{};
constinit Page list{};

/// A word that is one thing, then the other.
struct Flip {
    u64 word; ///< in the page
    u64 one;
    u64 other;
};

/// What may come of such a call: any defined code, any result.
Verdict expect_defined(const Answer& answer) {
    switch (answer.code) {
    case abi::Ok:
    case abi::EThreadLimit:
    case abi::EBadAddr:
    case abi::EBadCmd:
    case abi::ENoMem:
        return Verdict::good();
    default:
        return Verdict::bad("code {}", hex(answer.code));
    }
}

/// Calls `once` repeatedly while the other vCPU runs `flip` on a page.
template <typename Once>
Verdict race(Page& page, const Flip& flip, u32 rounds, Once once) {
    std::atomic_ref<u64> word(page.words[flip.word]);
    OtherCpu other([&](const std::atomic<bool>& stop) {
        while (!stop.load(std::memory_order_relaxed)) {
            word.store(flip.one, std::memory_order_relaxed);
            word.store(flip.other, std::memory_order_relaxed);
        }
    });
    if (!other.started()) {
        return Verdict::bad("vCPU 1 could not be started");
    }
    Verdict verdict;
    for (u32 i = 0; i < rounds && verdict.is_good(); ++i) {
        verdict = once();
    }
    return other.finish() ? verdict : Verdict::bad("vCPU 1 did not come back");
}

constexpr u64 word_of_param(u32 index, u32 word) {
    return msg::param_offset(index) / sizeof(u64) + word;
}

void race_invocations(u32 rounds) {
    constexpr u64 invoke = static_cast<u64>(msg::Command::InvokeCommand);
    struct Race {
        std::string_view name;
        Flip flip;
    };
    constexpr Race flips[] = {
        {"command, to one that is unknown", {0, invoke, 0xff}},
        {"command, to CANCEL", {0, invoke, static_cast<u64>(msg::Command::Cancel)}},
        {"number of parameters, to 5", {3, u64{1} << 32, u64{5} << 32}},
        {"number of parameters, to 127", {3, u64{1} << 32, u64{127} << 32}},
        {"number of parameters, to all", {3, u64{1} << 32, u64{0xffff'ffff} << 32}},
        {"attribute, to temporary memory", {word_of_param(0, 0), msg::RmemOut, msg::TmemOut}},
        {"attribute, to a page list", {word_of_param(0, 0), msg::RmemOut, msg::TmemOut | msg::Noncontiguous}},
        {"attribute, to a value", {word_of_param(0, 0), msg::RmemOut, msg::ValueInOut}},
        {"offset, to the hypervisor", {word_of_param(0, 1), 0, secret}},
        {"offset, to the last byte of all", {word_of_param(0, 1), 0, ~u64{0}}},
        {"size, to all memory", {word_of_param(0, 2), page_size, ~u64{0}}},
        {"cookie, to none", {word_of_param(0, 3), cookie, 0}},
        {"cookie, to the hypervisor", {word_of_param(0, 3), cookie, secret}},
    };
    (void)first.register_page(cookie, data, list);
    (void)first.open(enumeration);
    const u32 session = first.session();
    for (const Race& one : flips) {
        attack("changing an argument", one.name, [&] {
            return race(first.page(), one.flip, rounds,
                        [&] { return expect_defined(first.invoke(session, cookie, 0, page_size)); });
        });
    }
    (void)first.close(session);
    (void)first.unregister(cookie);
}

void race_lists(u32 rounds) {
    for (const u64 place : {u64{0}, u64{100}, u64{510}, u64{511}}) {
        attack("changing a page list's entry to the hypervisor", place, [&] {
            const auto once = [&] {
                const Verdict verdict = expect_defined(first.register_list(cookie, list.address(), 600 * page_size));
                (void)first.unregister(cookie);
                return verdict;
            };
            list.words.fill(data.address());
            list.words[msg::list_entries] = list.address();
            const u64 right = place == msg::list_entries ? list.address() : data.address();
            return race(list, {place, right, secret}, rounds, once);
        });
    }
    attack("changing a list's address to the hypervisor", [&] {
        const auto once = [&] {
            const Verdict verdict = expect_defined(first.register_list(cookie, list.address(), page_size));
            (void)first.unregister(cookie);
            return verdict;
        };
        return race(first.page(), {word_of_param(0, 1), list.address(), secret}, rounds, once);
    });
}

/// Words of the RPC argument, which stands behind the two parameters of OPEN_SESSION.
void race_answers(u32 rounds) {
    constexpr u64 rpc = msg::size_of(2) / sizeof(u64);
    struct Race {
        std::string_view name;
        Flip flip;
    };
    constexpr Race flips[] = {
        {"command", {rpc, msg::rpc::ShmAlloc, msg::rpc::LoadTa}},
        {"result", {rpc + 2, 0, u64{item_not_found} << 32}},
        {"number of parameters", {rpc + 3, u64{1} << 32, u64{0xffff'ffff} << 32}},
        {"attribute", {rpc + 4, msg::TmemOut | msg::Noncontiguous, msg::TmemOut}},
        {"address", {rpc + 5, secret, 0x4200'0000}},
        {"size", {rpc + 6, page_size, ~u64{0}}},
    };
    for (const Race& one : flips) {
        attack("changing an answer", one.name, [&] {
            const Verdict verdict = race(first.page(), one.flip, rounds, [&] {
                HonestSupplicant supplicant;
                first.prepare_open(nowhere);
                Call call = first.begin();
                const u32 code = supplicant.run(call, 500);
                if (code == Supplicant::gave_up) { // it waits for what never comes: the mediator ends it
                    restart_driver();
                    return Verdict::good();
                }
                return expect_defined({code});
            });
            restart_driver();
            return verdict;
        });
    }
}

} // namespace

void races(std::string_view arguments) {
    const u32 rounds = parse_number(take_word(arguments)).value_or(300);
    race_invocations(rounds);
    race_lists(rounds);
    race_answers(rounds / 6 + 1);
}

} // namespace trv::bare::hostile
