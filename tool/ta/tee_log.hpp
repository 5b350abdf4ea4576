#pragma once

#include "tool/console/line_splitter.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::ta {

/// Follows OP-TEE's console, as a run keeps it in its tee.log, from now on.
class TeeLog {
  public:
    explicit TeeLog(const std::filesystem::path& file);

    /// For poll(): readable when the log has grown. -1 when that cannot be told.
    [[nodiscard]] int descriptor() const { return changes_.get(); }

    /// The lines that came since the last call.
    [[nodiscard]] std::vector<std::string> new_lines();

  private:
    FileDescriptor file_;
    FileDescriptor changes_;
    console::LineSplitter lines_;
};

/// Who wrote a line of OP-TEE's console.
struct TeeLine {
    enum class Source { TrustedApplication, Loader, Core };
    char level = ' '; ///< E, I, D or F
    Source source = Source::Core;
    std::optional<unsigned> guest; ///< OP-TEE's number for a VM, counted from 1, where the line tells
};

/// Nothing when the line has none of OP-TEE's prefixes, such as "I/TA: " or "E/TC:2 ? 0 ".
[[nodiscard]] std::optional<TeeLine> parse_tee_line(std::string_view line);

/// Whether a person who runs a trusted application wants to see the line: what trusted applications say, and errors.
[[nodiscard]] bool is_interesting(std::string_view line);

} // namespace trv::tool::ta
