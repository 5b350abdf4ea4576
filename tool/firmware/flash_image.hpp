// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace trv::tool::firmware {

/// A board's boot flash.
struct FlashLayout {
    std::size_t fip_offset; ///< where TF-A's port looks for the firmware image package
    std::size_t size;
};

/// The content of the boot flash: BL1 at its start, the firmware image package behind it.
[[nodiscard]] Result<std::string> compose_flash(const FlashLayout& layout, std::string_view bl1, std::string_view fip);

} // namespace trv::tool::firmware
