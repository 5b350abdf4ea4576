// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trv::tool::guest {

/// A VM's image that begins with firmware (contract/machine_tree.hpp, firmware-size).
struct FirmwareImage {
    std::string bytes{};
    std::uint32_t firmware_size = 0;
};

/// Checks firmware, and puts a kernel behind it.
/// @param firmware  as in flash from address 0 on, where the CPU starts
/// @param name      its name in messages
/// @param kernel    an arm64 Image, or empty: none
[[nodiscard]] Result<FirmwareImage> firmware_image(std::string firmware, const std::string& name,
                                                   std::string_view kernel);

/// Memory that the flash of a VM with this firmware takes beside the VM's own.
[[nodiscard]] std::uint64_t flash_memory(std::uint32_t firmware_size);

} // namespace trv::tool::guest
