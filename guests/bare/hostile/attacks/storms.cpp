// SPDX-License-Identifier: Apache-2.0
// Calls as fast as they go, from both vCPUs.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/other_cpu.hpp"
#include "guests/bare/lib/words.hpp"

namespace trv::bare::hostile {
namespace {

struct FastCall {
    std::string_view name;
    u32 function;
};

constexpr FastCall fast_calls[] = {
    {"CALLS_COUNT", abi::CallsCount},
    {"CALLS_UID", abi::CallsUid},
    {"CALLS_REVISION", abi::CallsRevision},
    {"GET_OS_UUID", abi::GetOsUuid},
    {"GET_OS_REVISION", abi::GetOsRevision},
    {"GET_SHM_CONFIG", abi::GetShmConfig},
    {"EXCHANGE_CAPABILITIES", abi::ExchangeCapabilities},
    {"DISABLE_SHM_CACHE", abi::DisableShmCache},
    {"ENABLE_SHM_CACHE", abi::EnableShmCache},
    {"GET_THREAD_COUNT", abi::GetThreadCount},
    {"ENABLE_ASYNC_NOTIF", abi::EnableAsyncNotif},
    {"GET_ASYNC_NOTIF_VALUE", abi::GetAsyncNotifValue},
    {"VM_CREATED", abi::VmCreated},
    {"VM_DESTROYED", abi::VmDestroyed},
    {"RETURN_FROM_RPC", abi::ReturnFromRpc},
};

/// `one` from both vCPUs at once, so often from each.
template <typename One>
Verdict from_both(u32 rounds, One one) {
    OtherCpu other([&](const std::atomic<bool>&) {
        for (u32 i = 0; i < rounds; ++i) {
            one(second);
        }
    });
    for (u32 i = 0; i < rounds; ++i) {
        one(first);
    }
    return other.finish() ? Verdict::good() : Verdict::bad("vCPU 1 did not come back");
}

void fast(u32 rounds) {
    for (const FastCall& one : fast_calls) {
        attack("a storm of", one.name,
               [&] { return from_both(rounds, [&](const Client&) { (void)call(Conduit::Smc, one.function); }); });
    }
    attack("a storm of new drivers that enable notifications", [&] {
        return from_both(rounds / 4, [](const Client&) {
            restart_driver();
            (void)call(Conduit::Smc, abi::EnableAsyncNotif);
        });
    });
    restart_driver();
    (void)call(Conduit::Smc, abi::DisableShmCache);
}

/// Opens and closes, from both vCPUs at once.
Verdict sessions(u32 rounds) {
    std::atomic<u32> wrong = 0;
    const Verdict verdict = from_both(rounds, [&](const Client& client) {
        const Answer opened = client.open(enumeration);
        if (opened.code == abi::EThreadLimit) {
            return;
        }
        wrong.fetch_add(opened.is_good() && client.close(client.session()).is_good() ? 0 : 1);
    });
    return wrong.load() == 0 ? verdict : Verdict::bad("{} did not work", wrong.load());
}

/// Opens that are denied, from both vCPUs at once.
Verdict denied_sessions(u32 rounds) {
    std::atomic<u32> wrong = 0;
    const Verdict verdict = from_both(rounds, [&](const Client& client) {
        const Answer answer = client.open(invoke_tests);
        wrong.fetch_add(answer.code == abi::EThreadLimit || answer.ret == access_denied ? 0 : 1);
    });
    return wrong.load() == 0 ? verdict : Verdict::bad("{} ended in another way", wrong.load());
}

} // namespace

void storms(std::string_view arguments) {
    const u32 rounds = parse_number(take_word(arguments)).value_or(5000);
    fast(rounds);
    attack("a storm of sessions", [&] { return sessions(rounds / 25); });
    attack("a storm of denied sessions", [&] { return denied_sessions(rounds / 5); });
}

} // namespace trv::bare::hostile
