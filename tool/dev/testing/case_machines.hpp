// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/testing/system_case.hpp"
#include "tool/machine/machine_description.hpp"

#include <filesystem>
#include <optional>

namespace trv::tool::dev::testing {

/// The OP-TEE of the machine that the case's command line names or means.
/// @param root  of the checkout
/// @return      nothing if it boots no machine, or its description is refused
[[nodiscard]] std::optional<firmware::Optee> optee_of(const SystemCase& system_case, const std::filesystem::path& root);

} // namespace trv::tool::dev::testing
