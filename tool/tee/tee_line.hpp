#pragma once

#include <optional>
#include <string_view>

namespace trv::tool::tee {

/// Who wrote a line of OP-TEE's console.
struct TeeLine {
    enum class Source { TrustedApplication, Loader, Core };
    char level = ' '; ///< E, I, D or F
    Source source = Source::Core;
    std::optional<unsigned> guest; ///< OP-TEE's number for a VM, counted from 1, where the line tells
};

/// Nothing when the line has none of OP-TEE's prefixes, such as "I/TA: " or "E/TC:2 ? 0 ".
[[nodiscard]] std::optional<TeeLine> parse_tee_line(std::string_view line);

/// Tells which lines are about another VM than the one that OP-TEE calls `guest`: those that say so, and what the
/// loader says after them, the call stack of a panic.
class OthersLines {
  public:
    explicit OthersLines(std::optional<unsigned> guest) : guest_(guest) {}

    [[nodiscard]] bool has(std::string_view line);

  private:
    std::optional<unsigned> guest_;
    bool loader_is_others_ = false;
};

/// Whether a person who runs a trusted application wants to see the line: what trusted applications say, and errors.
[[nodiscard]] bool is_interesting(std::string_view line);

} // namespace trv::tool::tee
