// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/support/process/captured_process.hpp"
#include "tool/support/process/process.hpp"

namespace trv::tool {
namespace {

constexpr std::size_t shown_log_lines = 20;

std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
}

Result<ExitStatus> wait_within(std::optional<std::chrono::milliseconds> limit, Process& process,
                               const std::string& name) {
    if (!limit) {
        return process.wait();
    }
    if (const auto ended = process.wait_for(*limit)) {
        return *ended;
    }
    process.stop();
    return failure(name, "did not finish within " + std::to_string(limit->count() / 1000) + " s and was stopped");
}

} // namespace

Result<ExitStatus> run_process(const Command& command, std::optional<std::chrono::milliseconds> limit) {
    Process process = TRY(Process::start(command));
    return wait_within(limit, process, command.name());
}

Result<void> run_checked(const std::string& step, const Command& command,
                         std::optional<std::chrono::milliseconds> limit) {
    const ExitStatus status = TRY(run_process(command, limit));
    if (status.good()) {
        return {};
    }
    const std::string what = command.name() + " ended with exit code " + std::to_string(status.code);
    if (command.log.empty()) {
        return failure(step, what);
    }
    return failure(step, what,
                   "The log, " + command.log.string() + ", ends with:\n" +
                       trimmed(last_lines(command.log, shown_log_lines)));
}

Result<std::string> capture(const std::string& step, Command command, std::optional<std::chrono::milliseconds> limit) {
    const std::string name = command.name();
    CapturedProcess captured = TRY(CapturedProcess::start(step, std::move(command)));
    TRY(wait_within(limit, captured.process(), name));
    return captured.output();
}

} // namespace trv::tool
