// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::control {

/// Attaches the user's terminal to a console of a running machine until the user detaches or the machine stops. Input
/// that is not a terminal is passed on until it ends; output is still shown.
[[nodiscard]] Result<void> run_console(const std::filesystem::path& run_folder, const std::string& vm);

} // namespace trv::tool::control
