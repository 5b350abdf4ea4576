// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::ta {

/// The VM that the user named, otherwise the first with an OP-TEE. Waits for the VMs of a machine that has just started.
[[nodiscard]] Result<std::string> choose_vm(const std::filesystem::path& run_folder, const std::string& wanted);

} // namespace trv::tool::ta
