// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/line_splitter.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::tee {

/// Follows OP-TEE's console in a run's tee.log.
class TeeLog {
  public:
    /// Follows from the current end. Its descriptor signals new data.
    [[nodiscard]] static TeeLog from_now(const std::filesystem::path& file);

    /// Follows from the beginning of a file that may not exist yet. It has no descriptor: the machine writes single
    /// bytes, and a slow reader need not wake up for each.
    [[nodiscard]] static TeeLog from_start(const std::filesystem::path& file);

    /// For an EventLoop: readable when the log has grown. -1 if unavailable.
    [[nodiscard]] int descriptor() const { return changes_.get(); }

    /// The new lines since the last call.
    [[nodiscard]] std::vector<std::string> new_lines();

    /// The last line without a line end, after the end of the output.
    [[nodiscard]] std::optional<std::string> rest() { return lines_.rest(); }

  private:
    TeeLog(FileDescriptor file, FileDescriptor changes) : file_(std::move(file)), changes_(std::move(changes)) {}

    FileDescriptor file_;
    FileDescriptor changes_;
    console::LineSplitter lines_;
};

} // namespace trv::tool::tee
