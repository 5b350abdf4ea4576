// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/line_splitter.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::tee {

/// Follows OP-TEE's console in a run's tee.log, whose only reader it is: the machine writes single bytes, so nothing
/// wakes up for each.
class TeeLog {
  public:
    /// Follows from the beginning of a file that may not exist yet.
    explicit TeeLog(const std::filesystem::path& file);

    /// The new lines since the last call.
    [[nodiscard]] std::vector<std::string> new_lines();

    /// The last line without a line end, after the end of the output.
    [[nodiscard]] std::optional<std::string> rest() { return lines_.rest(); }

  private:
    FileDescriptor file_;
    console::LineSplitter lines_;
};

} // namespace trv::tool::tee
