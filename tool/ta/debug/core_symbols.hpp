// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>

namespace trv::tool::ta {

/// Files about the OP-TEE that a machine runs, for a debugger.
struct CoreSymbols {
    std::filesystem::path core;   ///< tee.elf, linked at the address where it runs without ASLR
    std::filesystem::path loader; ///< ldelf.elf; a build of an older version of this tool has none
    std::filesystem::path source; ///< the tree that names in both start from
};

/// @param description  of the machine
/// @return an error if the machine has Debian's build, which has no symbols
[[nodiscard]] Result<CoreSymbols> core_symbols(const Paths& paths, const std::filesystem::path& description);

} // namespace trv::tool::ta
