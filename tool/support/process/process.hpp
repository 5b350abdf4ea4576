// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trv::tool {

/// A command to start.
struct Command {
    std::vector<std::string> arguments; ///< the program, found through PATH, and its arguments
    std::filesystem::path folder = {};  ///< its working folder; empty: the current one
    std::vector<std::pair<std::string, std::string>> environment = {}; ///< set in addition to ours
    bool clean = false; ///< of our environment it gets only what names folders: make reads any variable as a setting
    std::filesystem::path log = {};  ///< gets both outputs (appended); empty: see below
    int input = -1;                  ///< its standard input; -1: /dev/null
    int output = -1;                 ///< its standard output; -1: the log, else ours
    int error_output = -1;           ///< its standard error; -1: the log, else ours
    std::vector<int> inherited = {}; ///< further descriptors that it inherits, with their numbers

    /// The program's name in errors: "'make'".
    [[nodiscard]] std::string name() const {
        return "'" + std::filesystem::path(arguments.front()).filename().string() + "'";
    }
};

/// How a process ended.
struct ExitStatus {
    int code = 0; ///< its exit code, or 128 + the signal that killed it
    [[nodiscard]] bool good() const { return code == 0; }
};

/// A running child in its own process group, which is killed with this object (and with the thread that started it).
class Process {
  public:
    [[nodiscard]] static Result<Process> start(const Command& command);
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    [[nodiscard]] pid_t id() const { return id_; }

    /// Becomes readable when the process ends: for an EventLoop.
    [[nodiscard]] int descriptor() const { return descriptor_.get(); }

    /// Waits until it ends, without a limit.
    ExitStatus wait();

    /// Waits at most `limit`; nothing if it is still running then.
    std::optional<ExitStatus> wait_for(std::chrono::milliseconds limit);

    /// SIGTERM to the group, SIGKILL after `grace`; returns when it has ended.
    ExitStatus stop(std::chrono::milliseconds grace = std::chrono::seconds(2));

  private:
    Process(pid_t id, FileDescriptor descriptor) : id_(id), descriptor_(std::move(descriptor)) {}

    pid_t id_ = -1; ///< also its group; -1 if moved from
    FileDescriptor descriptor_;
    std::optional<ExitStatus> ended_;
};

/// Runs a command to its end; a time-out kills its group and is an error.
[[nodiscard]] Result<ExitStatus> run_process(const Command& command,
                                             std::optional<std::chrono::milliseconds> limit = std::nullopt);

/// Like `run_process`, but any exit code other than 0 is an error as well, which shows the end of the log.
/// @param step   the place in the error: "setup: firmware"
[[nodiscard]] Result<void> run_checked(const std::string& step, const Command& command,
                                       std::optional<std::chrono::milliseconds> limit = std::nullopt);

/// Runs a command and returns its standard output; any exit code other than 0 is an error with its standard error.
[[nodiscard]] Result<std::string> capture(const std::string& step, Command command,
                                          std::optional<std::chrono::milliseconds> limit = std::nullopt);

/// Quotes a word for a POSIX shell: in single quotes, where only the single quote itself is special.
[[nodiscard]] std::string shell_word(std::string_view word);

} // namespace trv::tool
