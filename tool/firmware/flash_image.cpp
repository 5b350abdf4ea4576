// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/flash_image.hpp"

#include <fmt/format.h>

namespace trv::tool::firmware {

Result<std::string> compose_flash(const FlashLayout& layout, std::string_view bl1, std::string_view fip) {
    const auto& [fip_offset, flash_size] = layout;
    if (bl1.empty() || bl1.size() > fip_offset) {
        return failure("bl1.bin", fmt::format("has {} bytes; must have 1 to {}", bl1.size(), fip_offset));
    }
    if (fip.empty() || fip.size() > flash_size - fip_offset) {
        return failure("fip.bin", fmt::format("has {} bytes; must have 1 to {}", fip.size(), flash_size - fip_offset));
    }
    std::string flash(bl1);
    flash.resize(fip_offset, '\xff'); // the value of erased flash
    flash += fip;
    return flash;
}

} // namespace trv::tool::firmware
