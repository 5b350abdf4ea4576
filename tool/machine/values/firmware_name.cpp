// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/firmware_name.hpp"

#include <algorithm>
#include <array>

namespace trv::tool::machine {

std::span<const KnownFirmware> known_firmware() {
    static constexpr std::array all = {
        KnownFirmware{"uefi", "qemu-efi-aarch64", "usr/share/qemu-efi-aarch64/QEMU_EFI.fd"},
        KnownFirmware{"uboot", "u-boot-qemu", "usr/lib/u-boot/qemu_arm64/u-boot.bin"},
    };
    return all;
}

const KnownFirmware* find_firmware(std::string_view word) {
    const auto all = known_firmware();
    const auto found = std::ranges::find(all, word, &KnownFirmware::word);
    return found == all.end() ? nullptr : &*found;
}

} // namespace trv::tool::machine
