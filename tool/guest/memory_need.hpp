// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace trv::tool::guest {

/// What a VM's memory has to hold, in bytes.
struct MemoryNeed {
    std::uint64_t kernel = 0; // from the start of RAM to the end of what the kernel's header asks for
    std::uint64_t tree = 0;   // the device tree, in a block of its own
    std::uint64_t ramdisk =
        0; // the file, and as much again for a Linux that unpacks it: both are there at the same time

    [[nodiscard]] std::uint64_t sum() const { return kernel + tree + ramdisk; }
};

/// Returns the least memory of a VM in which such a guest can start. A guest that runs in it needs more; this is for
/// refusing what cannot work.
/// @param image    an arm64 Image, not compressed [Linux, Documentation/arch/arm64/booting.rst 4]
/// @param ramdisk  size of the file; none for a guest without one
[[nodiscard]] Result<MemoryNeed> memory_need(const std::filesystem::path& image, std::optional<std::uint64_t> ramdisk);

} // namespace trv::tool::guest
