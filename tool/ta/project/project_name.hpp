// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <string>
#include <string_view>

namespace trv::tool::ta {

/// Whether a project can have this name: it becomes a folder, and a program in the VM.
[[nodiscard]] Result<void> check_project_name(std::string_view name);

/// The name as it stands in C sources: "My-First" becomes "my_first".
[[nodiscard]] std::string identifier(std::string_view name);

/// The same in upper case, for macros.
[[nodiscard]] std::string macro_name(std::string_view name);

} // namespace trv::tool::ta
