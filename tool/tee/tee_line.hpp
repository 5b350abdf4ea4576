// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace trv::tool::tee {

/// The origin of a line of OP-TEE's console.
struct TeeLine {
    enum class Source { TrustedApplication, Loader, Core };
    char level = ' '; ///< E, I, D or F
    Source source = Source::Core;
    std::optional<unsigned> guest; ///< OP-TEE's number for a VM, counted from 1, if the line has one
};

/// Nothing when the line has none of OP-TEE's prefixes, such as "I/TA: " or "E/TC:2 ? 0 ".
[[nodiscard]] std::optional<TeeLine> parse_tee_line(std::string_view line);

/// Detects lines about other VMs than one: lines with another number, and the loader's lines after them, the call stack
/// of a panic. Until the VM's number is known, there are none.
class OthersLines {
  public:
    /// OP-TEE knows the VM by this number from now on.
    void on_guest(unsigned guest) { guest_ = guest; }

    [[nodiscard]] bool has(std::string_view line);

  private:
    std::optional<unsigned> guest_;
    bool loader_is_others_ = false;
};

/// Whether the line is relevant to a person who runs a trusted application: lines from trusted applications, and
/// errors.
[[nodiscard]] bool is_interesting(std::string_view line);

} // namespace trv::tool::tee
