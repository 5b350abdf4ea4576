#pragma once

#include "tool/console/line_splitter.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::tee {

/// Follows OP-TEE's console, as a run keeps it in its tee.log.
class TeeLog {
  public:
    /// From what is written from now on. Its descriptor tells when that is.
    [[nodiscard]] static TeeLog from_now(const std::filesystem::path& file);

    /// From the beginning of a file that may not be there yet. It has no descriptor: the machine writes single bytes,
    /// and who reads at leisure need not wake up for each.
    [[nodiscard]] static TeeLog from_start(const std::filesystem::path& file);

    /// For poll(): readable when the log has grown. -1 when that cannot be told.
    [[nodiscard]] int descriptor() const { return changes_.get(); }

    /// The lines that came since the last call.
    [[nodiscard]] std::vector<std::string> new_lines();

    /// A last line that has no end, when nothing comes any more.
    [[nodiscard]] std::optional<std::string> rest() { return lines_.rest(); }

  private:
    TeeLog(FileDescriptor file, FileDescriptor changes) : file_(std::move(file)), changes_(std::move(changes)) {}

    FileDescriptor file_;
    FileDescriptor changes_;
    console::LineSplitter lines_;
};

} // namespace trv::tool::tee
