// SPDX-License-Identifier: Apache-2.0
#include "host/devices/variables/kept_variables.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>

namespace trv::host::devices {

namespace {

/// A number of changes that no VM reaches, so that the hypervisor waits.
constexpr std::uint64_t nothing_kept = ~std::uint64_t{0};

} // namespace

KeptVariables::KeptVariables(manager::Variables variables, Save save, Saved saved, const SavingPace& pace)
    : variables_{std::move(variables)}, save_{std::move(save)}, pace_{pace},
      told_{saved == Saved::Everything ? 0 : nothing_kept}, news_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (saved == Saved::Everything) {
        saved_ = 0;
    }
}

Result<std::unique_ptr<KeptVariables>> KeptVariables::start(manager::Variables variables, Save save, Saved saved,
                                                            tool::EventLoop& loop, const SavingPace& pace) {
    std::unique_ptr<KeptVariables> kept{new KeptVariables{std::move(variables), std::move(save), saved, pace}};
    if (!kept->news_) {
        return tool::system_failure("VM " + kept->variables_.name(), "its variables cannot be kept");
    }
    // From now on, and before the VM starts, the hypervisor waits for this.
    (void)TRY(kept->variables_.changes(kept->told_));
    kept->source_ = loop.on_input(kept->news_.get(), [kept = kept.get()] { return kept->take_end(); });
    kept->thread_ = std::thread{[kept = kept.get()] { kept->watch(); }};
    return kept;
}

KeptVariables::~KeptVariables() {
    if (thread_.joinable()) {
        {
            const std::scoped_lock lock{mutex_};
            stop_ = true;
        }
        stopped_.notify_all();
        thread_.join();
    }
}

void KeptVariables::watch() {
    for (bool is_last = false;;) {
        const auto wait = look(is_last);
        if (!wait || !*wait || is_last) {
            result_ = wait ? Result<void>{} : std::unexpected(wait.error());
            (void)::eventfd_write(news_.get(), 1);
            return;
        }
        std::unique_lock lock{mutex_};
        is_last = stopped_.wait_for(lock, **wait, [this] { return stop_; });
    }
}

Result<std::optional<KeptVariables::Clock::duration>> KeptVariables::look(bool is_last) {
    const auto changes = TRY(variables_.changes(told_));
    if (!changes) {
        return std::nullopt;
    }
    if (saved_ == changes) {
        return pace_.look;
    }
    // What a firmware writes is sound at each moment, as it may lose its power; but what it has just begun is not yet what
    // it is about.
    const bool is_quiet = std::exchange(seen_, changes) == changes;
    const auto now = Clock::now();
    if (!is_last && (!is_quiet || (next_ && now < *next_))) {
        return is_quiet ? std::min<Clock::duration>(*next_ - now, pace_.look) : pace_.quiet;
    }
    TRY(save_now(*changes));
    // So that the hypervisor knows at once.
    return (TRY(variables_.changes(told_))) ? std::optional<Clock::duration>{pace_.look} : std::nullopt;
}

Result<void> KeptVariables::save_now(std::uint64_t changes) {
    const auto content = TRY(variables_.read(changes, told_));
    if (!content) {
        return {}; // there is another change
    }
    const auto saved = save_(*content);
    if (saved) {
        saved_ = changes;
        problem_.clear();
    } else if (std::string problem = to_string(saved.error()); problem != problem_) {
        fmt::print(stderr, "VM {}: {}\n", variables_.name(), problem);
        problem_ = std::move(problem);
    }
    told_ = changes; // who wants to forget the VM does not wait for a disk that is full
    next_ = Clock::now() + (saved ? pace_.least : pace_.retry);
    return {};
}

Result<void> KeptVariables::take_end() {
    source_ = {};
    ended_ = true;
    return result_;
}

} // namespace trv::host::devices
