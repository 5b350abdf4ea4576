// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace trv::tool::firmware {

/// Where the platform looks for the firmware image package in the flash.
inline constexpr std::size_t fip_offset = 0x40000;

/// The content of the boot flash: BL1 at its start, the firmware image package behind it.
[[nodiscard]] Result<std::string> compose_flash(std::string_view bl1, std::string_view fip);

} // namespace trv::tool::firmware
