// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/tables/tables.hpp"

#include "lib/log.hpp"
#include "tee/optee/model/optee_entry.hpp"
#include "tee/optee/tables/policy.hpp"

namespace trv::tee::optee {
namespace {

/// What answers in the place of OP-TEE has a limit of its own.
constexpr u32 sessions_without_optee = 64;

} // namespace

Result<void> Tables::create() {
    const Quotas& quotas = config.quotas;
    if (quotas.calls == 0 || quotas.sessions > Quotas::most_sessions) {
        return fail(Error::Invalid);
    }
    TRY(shared.create(memory.frames(), quotas));
    const u32 usual = spaces != nullptr ? spaces->most() : sessions_without_optee;
    return sessions.create(quotas.sessions != 0 ? quotas.sessions : usual);
}

void Tables::keep(u32 count) {
    if (spaces != nullptr) {
        spaces->keep(config.account, count);
    }
}

arch::SmcResult Tables::enter(arch::SmcArguments entry, unsigned slot) {
    entry.a[7] = id;
    if (!plain_) [[unlikely]] {
        return enter_watched(entry, slot);
    }
    return enter_optee(entry);
}

arch::SmcResult Tables::enter_watched(const arch::SmcArguments& entry, unsigned slot) {
    if (trace) {
        trace->enter(slot);
    }
    const arch::SmcResult result = interposer ? interposer->enter(entry, slot) : enter_optee(entry);
    if (trace) {
        trace->leave(slot);
    }
    return result;
}

bool Tables::denies(const Uuid& application, std::string_view what) {
    if (judge(config.policy, application) == Verdict::Allow) {
        return false;
    }
    const std::array<char, 36> text = application.text();
    log_limited(log_limit, "{}: denied {} {}", config.name, what, std::string_view(text.data(), text.size()));
    return true;
}

} // namespace trv::tee::optee
