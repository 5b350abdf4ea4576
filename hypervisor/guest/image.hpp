// SPDX-License-Identifier: Apache-2.0
#pragma once
// An arm64 kernel Image: reads its header, and places its parts in a VM's memory.
// [Linux, Documentation/arch/arm64/booting.rst]

#include "lib/types.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace trv::guest {

enum class ImageError : u8 {
    Truncated,  ///< shorter than its header
    Compressed, ///< gzip, xz, zstd, …, or an EFI zboot wrapper
    NotArm64,   ///< no "ARM\x64" in the header
    BigEndian,
    NoSize,        ///< a kernel older than 3.17, whose header does not state its size
    BadTextOffset, ///< not below 2 MiB, or not a multiple of 4
    BadSize,       ///< too large for any machine
    BadPages,      ///< of 16 or 64 KiB, which the CPU lacks
    NoTable,       ///< a 32-bit kernel older than 4.15, whose header does not state what it unpacks to
    NoAarch32,     ///< a 32-bit kernel, whose state the CPU lacks
    BadRam,        ///< the VM's memory is empty or wraps
    BadTreeSize,   ///< no tree, or one larger than 2 MiB
    NoRoomForKernel,
    NoRoomForTree,
    NoRoomForRamdisk,
};
[[nodiscard]] std::string_view name_of(ImageError error);

struct KernelImage {
    enum class PageSize : u8 { Unspecified, KiB4, KiB16, KiB64 };

    u64 text_offset = 0; ///< from a 2 MiB boundary to the Image, below 2 MiB
    u64 memory_size = 0; ///< from the Image's start, including memory that it zeroes itself; at least the file's size
    PageSize page_size = PageSize::Unspecified;
    bool anywhere = false; ///< need not lie near the start of RAM
    u64 lead = 0; ///< what it takes of RAM before text_offset counts: of a 32-bit kernel, which unpacks itself to there
    bool aarch32 = false;
};

inline constexpr std::size_t image_header_size = 64;

/// @param start     the file's first bytes, at least image_header_size of them unless the file is shorter
/// @param file_size of the whole file
[[nodiscard]] std::expected<KernelImage, ImageError> parse_image(std::span<const u8> start, u64 file_size);

/// Whether a CPU supports a kernel's pages. @param mmfr0 its ID_AA64MMFR0_EL1
[[nodiscard]] bool has_pages(u64 mmfr0, KernelImage::PageSize size);

struct Placement {
    Ipa kernel; ///< the file's place, and its entry point
    IpaRange tree;
    std::optional<IpaRange> ramdisk = std::nullopt;
    bool aarch32 = false; ///< the kernel starts as a 32-bit one
};

/// Kernel at the start of RAM, or behind its lead, then the tree at a 2 MiB boundary of its own, then the ram disk.
/// @param ramdisk_size 0 for none
[[nodiscard]] std::expected<Placement, ImageError> place_image(IpaRange ram, const KernelImage& kernel,
                                                               u64 ramdisk_size, u64 tree_size);

} // namespace trv::guest
