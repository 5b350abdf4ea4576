// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/vm_session.hpp"

#include "contract/events.hpp"

#include <algorithm>
#include <utility>

namespace trv::tool::run {

namespace {

constexpr double nanoseconds_per_second = 1e9;

/// The result of a VM's end for the command that ran in it.
CommandResult::Status status_for(const std::string& reason) {
    using Status = CommandResult::Status;
    using contract::StopReason;
    return reason == name_of(StopReason::Crash)       ? Status::Crashed
           : reason == name_of(StopReason::Reboot)    ? Status::Rebooted
           : reason == name_of(StopReason::Destroyed) ? Status::Destroyed
                                                      : Status::PoweredOff;
}

} // namespace

VmSession::VmSession(VmPlan plan) : plan_{std::move(plan)} {
    for (const auto& command : plan_.commands) {
        results_.push_back({.command = command});
    }
}

void VmSession::on_running(std::uint64_t ns) {
    state_ = State::Booting;
    boots_again_ = given_up_; // what its console says from here on is another boot's
    if (!boot_seconds_) {
        boot_seconds_ = static_cast<double>(ns) / nanoseconds_per_second;
    }
}

void VmSession::on_stopped(const std::string& reason, const std::string& detail) {
    const bool reboot = reason == name_of(contract::StopReason::Reboot);
    const bool crash = reason == name_of(contract::StopReason::Crash);
    if (crash) {
        crashed_ = true;
        trouble_ = detail;
    }
    const bool was_ready = state_ == State::Ready;
    const bool restarts = (reboot && plan_.restarts_on_reboot) || (crash && plan_.restarts_on_crash);
    state_ = restarts ? State::Booting : State::Stopped;
    if (given_up_) {
        return; // later boots do not count
    }
    if (reboot && plan_.runs_linux) {
        reset_ = true;
        reset_before_hello_ = !was_ready;
        on_reset();
        return;
    }
    end_running_command(status_for(reason));
    if (!restarts) {
        give_up_waiting_commands();
    }
}

void VmSession::on_console(std::string_view line) {
    if (!plan_.runs_linux) {
        return;
    }
    if (reset_ && KernelWatch::is_first_line(line)) {
        settle();
    }
    if (!boots_again_) {
        kernel_.on_line(line); // also after it was given up: the rest of a panic's call trace
    }
    if (reset_) {
        on_reset();
    }
}

std::vector<std::string> VmSession::last_lines() const {
    return given_up_ ? kernel_.last_lines() : last_lines_;
}

bool VmSession::unsettled() const {
    return !given_up_ && (reset_ || kernel_.word() == KernelWatch::Word::Panic);
}

/// A VM's console and the event of its reset come on channels of their own: the one or the other may be first.
void VmSession::on_reset() {
    if (kernel_.word() != KernelWatch::Word::None) {
        settle();
    }
}

void VmSession::settle() {
    if (!unsettled()) {
        return;
    }
    using Word = KernelWatch::Word;
    const bool was_reset = std::exchange(reset_, false);
    if (!kernel_.panic().empty()) {
        return give_up(CommandResult::Status::Panicked, kernel_.panic());
    }
    const bool announced = kernel_.word() == Word::Restart;
    if (was_reset && !announced && reset_before_hello_ && plan_.has_agent) {
        return give_up(CommandResult::Status::Reset,
                       "the VM was reset before its agent started, and its console does not say why; add \"earlycon\" "
                       "to its cmdline to see more");
    }
    if (!announced && running_command() != nullptr) {
        trouble_ = "the VM was reset, but its kernel did not announce a restart";
        last_lines_ = kernel_.last_lines();
    }
    end_running_command(announced ? CommandResult::Status::Rebooted : CommandResult::Status::Reset);
    kernel_.forget();
    if (state_ == State::Stopped) {
        give_up_waiting_commands();
    }
}

void VmSession::give_up(CommandResult::Status status, std::string why) {
    given_up_ = true;
    end_ = status;
    trouble_ = std::move(why);
    end_running_command(status);
    give_up_waiting_commands();
}

void VmSession::on_refused(const std::string& reason) {
    refused_ = true;
    trouble_ = reason;
    state_ = State::Stopped;
    give_up_waiting_commands();
}

std::optional<std::string> VmSession::on_agent(const AgentReply& reply, double seconds) {
    using Kind = contract::agent::Reply;
    if (reply.kind == Kind::Hello) {
        settle(); // of the boot before
    } else if (!reset_ && (reply.kind == Kind::Exit || reply.kind == Kind::Error)) {
        kernel_.on_alive();
    }
    switch (reply.kind) {
    case Kind::Hello:
        // The agent loses its work only if it or its guest died; in the latter case the hypervisor's event came first, or
        // the kernel is one that follows a panic.
        if (kernel_.word() == KernelWatch::Word::Followed) {
            trouble_ = kernel_.panic();
            last_lines_ = kernel_.last_lines();
            kernel_.forget();
            end_running_command(CommandResult::Status::Panicked);
        }
        end_running_command(CommandResult::Status::Crashed);
        state_ = State::Ready;
        if (!ready_seconds_) {
            ready_seconds_ = seconds;
        }
        return next_request();
    case Kind::Exit: {
        CommandResult* running = running_command();
        if (running == nullptr || reply.id != next_) {
            return std::nullopt;
        }
        running->status = CommandResult::Status::Exited;
        running->exit_code = reply.code;
        return next_request();
    }
    case Kind::Error:
        trouble_ = reply.text;
        end_running_command(CommandResult::Status::NotRun);
        return next_request();
    default:
        return std::nullopt; // for a client of the control socket
    }
}

/// Request ids count from 1, so the running command's id is the number of commands sent.
std::optional<std::string> VmSession::next_request() {
    if (state_ != State::Ready) {
        return std::nullopt;
    }
    if (next_ < results_.size()) {
        results_[next_].status = CommandResult::Status::Running;
        ++next_;
        return agent_request(contract::agent::Request::Exec, static_cast<std::uint32_t>(next_), {},
                             results_[next_ - 1].command);
    }
    return power_off_wanted_ ? std::optional{agent_request(contract::agent::Request::PowerOff)} : std::nullopt;
}

std::optional<std::string> VmSession::power_off() {
    if (std::exchange(power_off_wanted_, true) || !work_ended()) {
        return std::nullopt;
    }
    return next_request();
}

void VmSession::on_machine_gone() {
    settle();
    end_running_command(CommandResult::Status::Unfinished);
    give_up_waiting_commands();
    state_ = State::Stopped;
}

bool VmSession::work_ended() const {
    return std::ranges::all_of(results_, &CommandResult::ended);
}

bool VmSession::all_good() const {
    return !crashed_ && !refused_ && !given_up_ && std::ranges::all_of(results_, &CommandResult::good);
}

std::string VmSession::status() const {
    if (refused_) {
        return "refused";
    }
    if (given_up_) {
        return std::string{word_for(CommandResult{.command = {}, .status = end_})};
    }
    for (const auto& result : results_) {
        if (!result.good()) {
            return std::string{word_for(result)};
        }
    }
    if (crashed_) {
        return "crashed";
    }
    return results_.empty() ? "ok" : std::string{word_for(results_.back())};
}

std::optional<int> VmSession::exit_code() const {
    const auto bad = std::ranges::find_if_not(results_, &CommandResult::good);
    if (bad != results_.end()) {
        return bad->exit_code;
    }
    return results_.empty() ? std::nullopt : results_.back().exit_code;
}

CommandResult* VmSession::running_command() {
    const bool running = next_ > 0 && results_[next_ - 1].status == CommandResult::Status::Running;
    return running ? &results_[next_ - 1] : nullptr;
}

void VmSession::end_running_command(CommandResult::Status status) {
    if (CommandResult* running = running_command()) {
        running->status = status;
    }
}

void VmSession::give_up_waiting_commands() {
    for (; next_ < results_.size(); ++next_) {
        results_[next_].status = CommandResult::Status::NotRun;
    }
}

} // namespace trv::tool::run
