// SPDX-License-Identifier: Apache-2.0
// Two VMs at once. Each has a session and a buffer of its own that must work all the time, and each tries the other
// one's, whose names it knows.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/words.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 first_cookie = 0xffff'0000'7e4a'0000;
constinit Page data{};
constinit Page list{};

struct Tenant {
    u64 cookie;         ///< of the own buffer
    u64 foreign_cookie; ///< of the other VM's
    u32 session;
};

/// OP-TEE counts sessions from 1, in each partition: the VM with the second role leaves the first one's number to it.
Verdict settle(u32 role, Tenant& tenant) {
    tenant.cookie = first_cookie + role;
    tenant.foreign_cookie = first_cookie + 3 - role;
    if (!first.register_page(first.cookie(), first.page(), list).is_good() ||
        !first.register_page(tenant.cookie, data, list).is_good()) {
        return Verdict::bad("the buffers were not registered");
    }
    for (u32 i = 1; i <= role; ++i) {
        if (!first.open(enumeration, Form::RegdArg).is_good()) {
            return Verdict::bad("session {} was not opened", i);
        }
        tenant.session = first.session();
    }
    for (u32 session = 1; session < role; ++session) {
        if (!first.close(session, Form::RegdArg).is_good()) {
            return Verdict::bad("session {} was not closed", session);
        }
    }
    return tenant.session == role ? Verdict::good() : Verdict::bad("its session has the number {}", tenant.session);
}

Verdict try_sessions(const Tenant& tenant) {
    constexpr u32 most = 8;
    for (u32 session = 0; session <= most; ++session) {
        if (session == tenant.session) {
            continue;
        }
        const Verdict used =
            expect_result(first.invoke(session, tenant.cookie, 0, page_size, Form::RegdArg), bad_parameters);
        const Verdict closed = expect_result(first.close(session, Form::RegdArg), item_not_found);
        if (!used.is_good() || !closed.is_good()) {
            return Verdict::bad("session {}: {}", session, (used.is_good() ? closed : used).why());
        }
    }
    return Verdict::good();
}

Verdict try_cookie(const Tenant& tenant) {
    const Answer used = first.invoke(tenant.session, tenant.foreign_cookie, 0, page_size, Form::RegdArg);
    const Verdict verdict = expect_result(used, bad_parameters);
    return verdict.is_good() ? expect_result(first.unregister(tenant.foreign_cookie), bad_parameters) : verdict;
}

Verdict use_own(const Tenant& tenant) {
    const Answer answer = first.invoke(tenant.session, tenant.cookie, 0, page_size, Form::RegdArg);
    return answer.is_good() ? Verdict::good() : Verdict::bad("code {} result {}", hex(answer.code), hex(answer.ret));
}

/// All the time until `until`.
template <typename Attempt>
void check_until(u64 until, std::string_view name, const Tenant& tenant, Attempt attempt) {
    Verdict verdict;
    u32 rounds = 0;
    for (; verdict.is_good() && (rounds == 0 || now() < until); ++rounds) {
        verdict = attempt(tenant);
        if (verdict.is_good()) {
            verdict = use_own(tenant);
        }
    }
    check(name, verdict.is_good(), "round {}: {}", rounds, verdict.why());
}

} // namespace

void tenants(std::string_view arguments) {
    const u32 role = parse_number(take_word(arguments)).value_or(1);
    const u32 seconds = parse_number(take_word(arguments)).value_or(4);
    Tenant tenant{};
    const Verdict settled = settle(role, tenant);
    check("a session and a buffer of its own", settled.is_good(), "{}", settled.why());
    if (!settled.is_good()) {
        return;
    }
    const u64 begin = now();
    check_until(begin + seconds * frequency() / 2, "the other VM's session", tenant, try_sessions);
    check_until(begin + seconds * frequency(), "the other VM's buffer", tenant, try_cookie);
    const Verdict verdict = use_own(tenant);
    check("its own still work", verdict.is_good(), "{}", verdict.why());
}

} // namespace trv::bare::hostile
