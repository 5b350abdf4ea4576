// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/process/process.hpp"

#include <string>

namespace trv::tool {

/// A running command whose output is kept in files in memory: they cannot fill up and block it, as a pipe that no
/// process reads would.
class CapturedProcess {
  public:
    /// @param step  the place in the command's errors
    [[nodiscard]] static Result<CapturedProcess> start(std::string step, Command command);

    [[nodiscard]] Process& process() { return process_; }

    /// Its standard output, once it has ended; any exit code other than 0 is an error with its standard error.
    [[nodiscard]] Result<std::string> output();

  private:
    CapturedProcess(std::string step, std::string name, FileDescriptor output, FileDescriptor error_output,
                    Process process)
        : step_(std::move(step)), name_(std::move(name)), output_(std::move(output)),
          error_output_(std::move(error_output)), process_(std::move(process)) {}

    std::string step_;
    std::string name_;
    FileDescriptor output_;
    FileDescriptor error_output_;
    Process process_;
};

} // namespace trv::tool
