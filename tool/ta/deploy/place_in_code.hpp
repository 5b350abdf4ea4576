// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::ta {

/// Collects OP-TEE's report when a trusted application panics: a code, and the call stack.
class PanicReport {
  public:
    void take(std::string_view line);

    [[nodiscard]] bool panicked() const { return !what_.empty(); }

    /// "panicked with code 0xf" or "was killed by a fault".
    [[nodiscard]] const std::string& what() const { return what_; }

    /// The call stack, innermost first, as offsets into the trusted application's ELF file.
    [[nodiscard]] std::vector<std::uint64_t> offsets() const;

  private:
    std::string what_;
    std::optional<std::uint64_t> base_;
    std::vector<std::uint64_t> stack_;
};

/// Where a client crashed, from the kernel's line about it: the offset into its file; nothing if it is another line.
[[nodiscard]] std::optional<std::uint64_t> crash_offset(std::string_view line);

/// The first of these offsets that lies in a file of the user's: "examples/x/ta/x.c:12 (function)". Empty if none does.
[[nodiscard]] std::string place_in_code(const Paths& paths, const std::filesystem::path& elf,
                                        const std::filesystem::path& sources,
                                        const std::vector<std::uint64_t>& offsets);

} // namespace trv::tool::ta
