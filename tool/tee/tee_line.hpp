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

/// Whether the line is about another VM than the one that OP-TEE calls `guest`.
[[nodiscard]] bool is_of_another(std::string_view line, std::optional<unsigned> guest);

/// Whether a person who runs a trusted application wants to see the line: what trusted applications say, and errors.
[[nodiscard]] bool is_interesting(std::string_view line);

} // namespace trv::tool::tee
