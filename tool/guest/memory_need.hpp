// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/support/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::guest {

/// What a VM's memory has to hold, in bytes.
struct MemoryNeed {
    std::uint64_t kernel = 0; // from the start of RAM to the end of what the kernel's header asks for
    std::uint64_t tree = 0;   // the device tree, in a block of its own
    std::uint64_t ramdisk =
        0; // the file, and as much again for a Linux that unpacks it: both are there at the same time

    [[nodiscard]] std::uint64_t sum() const { return kernel + tree + ramdisk; }
};

/// What the hypervisor looks at of an Image.
inline constexpr std::size_t image_header_size = 64;

/// Returns the least memory of a VM in which such a guest can start. A guest that runs in it needs more; this is for
/// refusing what cannot work.
/// @param header   the first image_header_size bytes of an arm64 Image [Linux, Documentation/arch/arm64/booting.rst 4]
/// @param size     of the Image, which is not compressed
/// @param name     of the Image, for messages
/// @param ramdisk  size of the file; none for a guest without one
[[nodiscard]] Result<MemoryNeed> memory_need(std::string_view header, std::uint64_t size, const std::string& name,
                                             std::optional<std::uint64_t> ramdisk);

/// The same of a file.
[[nodiscard]] Result<MemoryNeed> memory_need(const std::filesystem::path& image, std::optional<std::uint64_t> ramdisk);

/// Whether the VM has that much: a guest that lacks it would die before it can say so.
[[nodiscard]] Result<void> check_memory(const machine::VmDescription& vm, const MemoryNeed& need);

} // namespace trv::tool::guest
