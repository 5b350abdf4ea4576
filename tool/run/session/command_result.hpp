// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::run {

/// How one command of a run ended.
struct CommandResult {
    enum class Status {
        Waiting,
        Running,
        Exited,
        Rebooted,   // its VM's kernel restarted while it ran, as it asked for
        Reset,      // its VM was reset while it ran, which its kernel had not announced
        Panicked,   // its VM's kernel panicked while it ran
        PoweredOff, // its VM powered off while it ran, as it asked for
        Destroyed,  // an operator took its VM away while it ran
        Crashed,    // its VM or its agent died under it
        Unfinished, // the run ended before it did
        NotRun,     // its VM, or the run, ended before its turn
    };
    std::string command;
    Status status = Status::Waiting;
    std::optional<int> exit_code{};

    [[nodiscard]] bool ended() const { return status != Status::Waiting && status != Status::Running; }
    [[nodiscard]] bool good() const {
        return status == Status::Rebooted || status == Status::PoweredOff ||
               (status == Status::Exited && exit_code == 0);
    }
};

/// The word for a result in tables and JSON.
[[nodiscard]] constexpr std::string_view word_for(const CommandResult& result) {
    switch (result.status) {
    case CommandResult::Status::Running:
    case CommandResult::Status::Unfinished:
        return "unfinished";
    case CommandResult::Status::Waiting:
    case CommandResult::Status::NotRun:
        return "not-run";
    case CommandResult::Status::Exited:
        return result.exit_code == 0 ? "ok" : "failed";
    case CommandResult::Status::Rebooted:
        return "rebooted";
    case CommandResult::Status::Reset:
        return "reset";
    case CommandResult::Status::Panicked:
        return "panicked";
    case CommandResult::Status::PoweredOff:
        return "powered-off";
    case CommandResult::Status::Destroyed:
        return "destroyed";
    case CommandResult::Status::Crashed:
        return "crashed";
    }
    return "not-run";
}

} // namespace trv::tool::run
