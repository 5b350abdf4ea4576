// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/dialogue.hpp"

#include "tool/support/event_loop.hpp"
#include "tool/support/process/captured_process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <regex>

namespace trv::tool::dev::testing {

std::optional<std::string> Dialogue::run() {
    deadline_.set(case_.limit);
    for (const auto& step : case_.dialogue) {
        if (step.kind == DialogueStep::Kind::Expect) {
            if (auto problem = expect(step.text)) {
                return problem;
            }
        } else if (step.kind == DialogueStep::Kind::Run) {
            if (auto problem = run_beside(step)) {
                return problem;
            }
        } else if (step.kind == DialogueStep::Kind::Send) {
            send(step.text);
        } else {
            ::kill(process_.id(), step.signal);
        }
    }
    for (;;) {
        const Wait heard = listen();
        if (heard == Wait::TimedOut) {
            return fmt::format("it did not finish within {} s", case_.limit);
        }
        if (heard == Wait::Silent) {
            return std::nullopt;
        }
    }
}

/// Waits for output of the command, or its end.
Dialogue::Wait Dialogue::listen() {
    return await_input(descriptor_, deadline_).value_or(false) ? hear() : Wait::TimedOut;
}

/// Takes what the command has said.
Dialogue::Wait Dialogue::hear() {
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(descriptor_, bytes.data(), bytes.size());
    if (got <= 0) {
        return Wait::Silent; // a terminal whose other side is closed answers with EIO
    }
    heard_.append(bytes.data(), static_cast<std::size_t>(got));
    return Wait::Heard;
}

std::optional<std::string> Dialogue::expect(const std::string& pattern) {
    const std::regex wanted{pattern, std::regex::multiline};
    std::smatch match;
    while (!std::regex_search(heard_.cbegin() + static_cast<std::ptrdiff_t>(matched_), heard_.cend(), match, wanted)) {
        const Wait heard = listen();
        if (heard != Wait::Heard) {
            return fmt::format("it {} without printing /{}/", heard == Wait::Silent ? "ended" : "timed out", pattern);
        }
    }
    matched_ += static_cast<std::size_t>(match.position() + match.length());
    return std::nullopt;
}

/// Listens to the command until the process beside it ends: a command whose output is not read blocks sooner or
/// later, and would never answer. False when the time is up before.
bool Dialogue::listen_until_end(const Process& beside) {
    EventLoop loop;
    Deadline limit = deadline_;
    bool ended = false;
    bool late = false;
    const auto end = loop.on_input(beside.descriptor(), [&] { ended = true; });
    EventLoop::Source output = loop.on_input(descriptor_, [&] {
        if (hear() == Wait::Silent) {
            output = {};
        }
    });
    const auto time_out = loop.on_deadline(limit, [&] { late = true; });
    while (!ended && !late && loop.step()) {
    }
    return ended;
}

/// What it says counts as said by the command under test, so that the next step can expect it, and expect what the
/// command says meanwhile after that.
std::optional<std::string> Dialogue::run_beside(const DialogueStep& step) {
    Command command = command_;
    command.arguments.insert(command.arguments.end(), step.arguments.begin(), step.arguments.end());
    if (!step.text.empty()) {
        command.environment.emplace_back("TRIVISOR", command_.arguments.front());
        command.arguments = {"sh", "-ec", step.text};
    }
    const auto title = step.text.empty() ? fmt::format("{}", fmt::join(step.arguments, " ")) : step.text;
    const std::size_t heard_before = heard_.size();
    auto beside = CapturedProcess::start(title, command);
    if (!beside) {
        return to_string(beside.error());
    }
    if (!listen_until_end(beside->process())) {
        return fmt::format("{}: timed out", title);
    }
    const auto output = beside->output();
    if (!output) {
        return to_string(output.error());
    }
    const bool within_line = heard_before > 0 && heard_[heard_before - 1] != '\n'; // a prompt, say
    heard_.insert(heard_before, (within_line ? "\n" : "") + *output);
    return std::nullopt;
}

void Dialogue::send(const std::string& text) const {
    [[maybe_unused]] const ssize_t sent = ::write(descriptor_, text.data(), text.size());
}

} // namespace trv::tool::dev::testing
