// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/process/process.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::ta {

/// One error of a compiler or linker.
struct Diagnostic {
    std::filesystem::path file;
    std::string position; ///< "LINE" or "LINE:COLUMN"
    std::string message;

    [[nodiscard]] std::string place(const std::filesystem::path& shown) const {
        return shown.string() + ":" + position;
    }
    bool operator==(const Diagnostic&) const = default;
};

/// The errors in what GCC, make and the linker printed, in order, each once. Notes, warnings (which are errors when
/// they stop a build) and quoted source lines are left out.
[[nodiscard]] std::vector<Diagnostic> find_errors(std::string_view output);

/// Runs a compiler, linker or make. If it fails, the error's place is the file and line of its first error; the others
/// follow, and the full output is in the command's log.
/// @param command  with a folder, which relative names in its output start from, and a log, which is emptied first
[[nodiscard]] Result<void> run_build_step(const Paths& paths, Command command);

} // namespace trv::tool::ta
