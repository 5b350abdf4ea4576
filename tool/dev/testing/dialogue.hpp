// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/system_case.hpp"
#include "tool/support/deadline.hpp"
#include "tool/support/process/process.hpp"

#include <optional>
#include <string>

namespace trv::tool::dev::testing {

/// Runs a case's dialogue with the command under test, and keeps its output.
class Dialogue {
  public:
    /// @param command  what a `run` step starts, without the step's arguments
    Dialogue(const SystemCase& system_case, Process& process, int descriptor, Command command)
        : case_{system_case}, process_{process}, descriptor_{descriptor}, command_{std::move(command)} {}

    /// Carries the dialogue through, then listens until the command ends. Returns what went wrong, if anything did.
    [[nodiscard]] std::optional<std::string> run();

    [[nodiscard]] const std::string& heard() const { return heard_; }

  private:
    enum class Wait { Heard, Silent, TimedOut };

    [[nodiscard]] Wait listen();
    [[nodiscard]] Wait hear();
    [[nodiscard]] bool listen_until_end(const Process& beside);
    [[nodiscard]] std::optional<std::string> expect(const std::string& pattern);
    [[nodiscard]] std::optional<std::string> run_beside(const DialogueStep& step);
    void send(const std::string& text) const;

    const SystemCase& case_;
    Process& process_;
    int descriptor_;
    Command command_;
    Deadline deadline_;
    std::string heard_;
    std::size_t matched_ = 0; // up to here, expectations are met
};

} // namespace trv::tool::dev::testing
