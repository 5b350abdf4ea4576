// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/firmware.hpp"

#include "contract/guest_memory.hpp"
#include "contract/limits.hpp"
#include "tool/guest/little_endian.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>

namespace trv::tool::guest {
namespace {

// A volume of UEFI's, where the code that runs first is. [UEFI PI, volume 3, 3.2.1.1]
constexpr std::size_t volume_size_at = 0x20;
constexpr std::size_t volume_magic_at = 0x28;
constexpr std::string_view volume_magic = "_FVH";

constexpr std::uint32_t block = contract::memory_step;

constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t to) {
    return (value + to - 1) / to * to;
}

/// Where the unconditional branch goes to that all such firmware begins with [Arm ARM C6.2.26].
std::optional<std::size_t> first_branch(std::string_view bytes) {
    const auto instruction = bytes.size() < 4 ? 0 : little_endian<std::uint32_t>(bytes, 0);
    return instruction >> 26U == 5 ? std::optional{std::size_t{4} * (instruction & 0x3ff'ffffU)} : std::nullopt;
}

Result<void> check(std::string_view firmware, const std::string& name) {
    const auto first = first_branch(firmware);
    if (!first) {
        return failure(name, "is not firmware for arm64: it does not begin with a branch",
                       "Give an image for QEMU's virt machine, such as QEMU_EFI.fd or u-boot.bin.");
    }
    if (!has_at(firmware, *first + volume_magic_at, volume_magic)) {
        return {};
    }
    const auto volume = little_endian<std::uint64_t>(firmware, *first + volume_size_at);
    if (volume > firmware.size() - *first) {
        return failure(name,
                       fmt::format("is cut off: it says that its volume has {} bytes, and {} of them are in the file",
                                   volume, firmware.size() - *first),
                       "Copy, download or build it again.");
    }
    return {};
}

} // namespace

Result<FirmwareImage> firmware_image(std::string firmware, const std::string& name, std::string_view kernel) {
    TRY(check(firmware, name));
    firmware.resize(firmware.find_last_not_of('\0') + 1); // images for QEMU are filled up to the size of its flash
    if (firmware.size() > contract::largest_firmware) {
        return failure(
            name,
            fmt::format("has {} bytes, and the flash for firmware {}", firmware.size(), contract::largest_firmware),
            "Give a smaller image.");
    }
    FirmwareImage image{.bytes = std::move(firmware)};
    image.bytes.resize(align_up(image.bytes.size(), contract::firmware_step), '\0');
    image.firmware_size = static_cast<std::uint32_t>(image.bytes.size());
    image.bytes += kernel;
    return image;
}

std::uint64_t flash_memory(std::uint32_t firmware_size) {
    return align_up(firmware_size, block) + block; // the second part has the variables
}

} // namespace trv::tool::guest
