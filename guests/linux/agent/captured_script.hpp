// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guests/linux/agent/protocol.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace trv::guest {

/// A script that runs beside the console; its output goes to the tool as it comes.
class CapturedScript {
  public:
    explicit CapturedScript(const CaptureRequest& request);
    CapturedScript(const CapturedScript&) = delete;
    CapturedScript& operator=(const CapturedScript&) = delete;
    ~CapturedScript();

    [[nodiscard]] std::uint64_t id() const { return id_; }
    [[nodiscard]] pid_t process() const { return process_; }

    /// For poll(): readable when there is output.
    [[nodiscard]] int descriptor() const { return output_; }

    /// The available output, as a line for the tool; nothing if there is none.
    [[nodiscard]] std::optional<std::string> read_output();

    /// It has ended by itself, or was never started.
    void ended(int code) { code_ = code; }
    void kill() const;

    /// How it ended, once it has. A process that it left behind is not waited for.
    [[nodiscard]] std::optional<int> code() const { return code_; }

  private:
    std::uint64_t id_;
    pid_t process_ = -1;
    int output_ = -1; ///< our end of the terminal that it writes to
    int holder_ = -1; ///< its end
    std::optional<int> code_;
};

} // namespace trv::guest
