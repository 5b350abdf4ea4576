// SPDX-License-Identifier: Apache-2.0
#include "guest/image.hpp"

#include "generated/option/aarch32.hpp"
#include "lib/checked.hpp"

namespace trv::guest {
namespace {

using std::unexpected;

/// The alignment of the kernel's base, the granule of its early mappings and the maximum size of a tree. [booting.rst,
/// 2 and 4]
constexpr u64 block = 2 * MiB;
/// Far above any real kernel, far below where sums of addresses could wrap.
constexpr u64 largest_image = 64 * GiB;

// Offsets of the header's fields, all little-endian. [booting.rst, 4]
constexpr std::size_t text_offset_at = 8;
constexpr std::size_t image_size_at = 16;
constexpr std::size_t flags_at = 24;
constexpr std::size_t magic_at = 56;
constexpr u32 magic = 0x644d5241; // "ARM\x64"

u64 little_endian(std::span<const u8> bytes, std::size_t at, unsigned size) {
    u64 value = 0;
    for (unsigned i = size; i-- > 0;) {
        value = value << 8 | bytes[at + i];
    }
    return value;
}

bool starts_with(std::span<const u8> bytes, std::span<const u8> prefix, std::size_t at = 0) {
    if (bytes.size() < at + prefix.size()) {
        return false;
    }
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if (bytes[at + i] != prefix[i]) {
            return false;
        }
    }
    return true;
}

/// Distributions ship kernels in many compressed formats, for which "not an arm64 Image" would be misleading.
bool is_compressed(std::span<const u8> start) {
    constexpr u8 gzip[] = {0x1f, 0x8b};
    constexpr u8 bzip2[] = {'B', 'Z', 'h'};
    constexpr u8 xz[] = {0xfd, '7', 'z', 'X', 'Z', 0x00};
    constexpr u8 zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    constexpr u8 lz4[] = {0x02, 0x21, 0x4c, 0x18};
    constexpr u8 zboot[] = {'z', 'i', 'm', 'g'}; // after "MZ\0\0" [Linux, drivers/firmware/efi/libstub/zboot-header.S]
    return starts_with(start, gzip) || starts_with(start, bzip2) || starts_with(start, xz) ||
           starts_with(start, zstd) || starts_with(start, lz4) || starts_with(start, zboot, 4);
}

} // namespace

std::string_view name_of(ImageError error) {
    switch (error) {
    case ImageError::Truncated:
        return "the kernel is shorter than an Image header";
    case ImageError::Compressed:
        return "the kernel is compressed; unpack it to an arm64 Image";
    case ImageError::NotArm64:
        return "the kernel is not an arm64 Image";
    case ImageError::BigEndian:
        return "the kernel is big-endian";
    case ImageError::NoSize:
        return "the kernel's header does not state its size (older than Linux 3.17)";
    case ImageError::BadTextOffset:
        return "the kernel's header has an invalid text offset";
    case ImageError::BadSize:
        return "the kernel's header has an invalid size";
    case ImageError::BadPages:
        return "the kernel has pages of a size that this CPU lacks; use one with pages of 4 KiB";
    case ImageError::NoTable:
        return option::aarch32 ? "the 32-bit kernel's header does not state its size (older than Linux 4.15)" : "";
    case ImageError::NoAarch32:
        return option::aarch32 ? "the kernel is for 32-bit Arm, which this CPU lacks at EL1; use one for arm64" : "";
    case ImageError::BadRam:
        return "the VM's memory is not a valid range";
    case ImageError::BadTreeSize:
        return "the device tree is empty or larger than 2 MiB";
    case ImageError::NoRoomForKernel:
        return "the VM's memory is too small for the kernel";
    case ImageError::NoRoomForTree:
        return "the VM's memory is too small for kernel and device tree";
    case ImageError::NoRoomForRamdisk:
        return "the VM's memory is too small for kernel and ram disk";
    }
    return "unknown image error";
}

std::expected<KernelImage, ImageError> parse_image(std::span<const u8> start, u64 file_size) {
    if (is_compressed(start)) {
        return unexpected(ImageError::Compressed);
    }
    if (start.size() < image_header_size || file_size < image_header_size) {
        return unexpected(ImageError::Truncated);
    }
    if (little_endian(start, magic_at, 4) != magic) {
        return unexpected(ImageError::NotArm64);
    }
    const u64 text_offset = little_endian(start, text_offset_at, 8);
    const u64 image_size = little_endian(start, image_size_at, 8);
    const u64 flags = little_endian(start, flags_at, 8);
    if ((flags & 1) != 0) {
        return unexpected(ImageError::BigEndian);
    }
    if (image_size == 0) {
        return unexpected(ImageError::NoSize);
    }
    if (text_offset >= block || !is_aligned(text_offset, 4)) {
        return unexpected(ImageError::BadTextOffset);
    }
    if (image_size > largest_image || file_size > largest_image) {
        return unexpected(ImageError::BadSize);
    }
    KernelImage image;
    image.text_offset = text_offset;
    image.memory_size = image_size > file_size ? image_size : file_size;
    image.page_size = static_cast<KernelImage::PageSize>(flags >> 1 & 3);
    image.anywhere = (flags >> 3 & 1) != 0;
    return image;
}

/// TGran16 counts from 0 for none, TGran64 from 0 for some [Arm ARM D24.2.84].
bool has_pages(u64 mmfr0, KernelImage::PageSize size) {
    switch (size) {
    case KernelImage::PageSize::KiB16:
        return (mmfr0 >> 20 & 0xf) != 0;
    case KernelImage::PageSize::KiB64:
        return (mmfr0 >> 24 & 0xf) == 0;
    case KernelImage::PageSize::Unspecified:
    case KernelImage::PageSize::KiB4: // the hypervisor needs them itself
        return true;
    }
    return true;
}

std::expected<Placement, ImageError> place_image(IpaRange ram, const KernelImage& kernel, u64 ramdisk_size,
                                                 u64 tree_size) {
    // Everything below counts from the first block boundary in RAM and compares with what is left behind it, so that no
    // sum of addresses is made before it is known to lie inside RAM.
    if (ram.empty() || !make_range(ram.base, ram.size) || !checked_add(ram.base.value, block - 1)) {
        return unexpected(ImageError::BadRam);
    }
    if (tree_size == 0 || tree_size > block) {
        return unexpected(ImageError::BadTreeSize);
    }
    const Ipa base(align_up(ram.base.value, block));
    const u64 skipped = base - ram.base;
    if (skipped >= ram.size || kernel.text_offset >= block || kernel.memory_size > largest_image) {
        return unexpected(ImageError::NoRoomForKernel);
    }
    const u64 room = ram.size - skipped;
    if (kernel.lead > largest_image) {
        return unexpected(ImageError::NoRoomForKernel);
    }
    const u64 kernel_at = kernel.lead + kernel.text_offset;
    const u64 kernel_end = kernel_at + kernel.memory_size;
    if (kernel_end > room) {
        return unexpected(ImageError::NoRoomForKernel);
    }
    // A block of its own: the kernel maps the tree in blocks of 2 MiB, with the attributes of memory. [booting.rst, 2]
    const u64 tree_at = align_up(kernel_end, block);
    if (tree_at >= room || tree_size > room - tree_at) {
        return unexpected(ImageError::NoRoomForTree);
    }
    Placement placement{.kernel = base + kernel_at,
                        .tree = {base + tree_at, tree_size},
                        .ramdisk = std::nullopt,
                        .aarch32 = kernel.aarch32};
    if (ramdisk_size != 0) {
        // Close behind the kernel: both must lie in one window of 32 GiB, aligned to 1 GiB. [booting.rst, 4]
        const u64 ramdisk_at = align_up(tree_at + tree_size, page_size);
        if (ramdisk_at >= room || ramdisk_size > room - ramdisk_at) {
            return unexpected(ImageError::NoRoomForRamdisk);
        }
        placement.ramdisk = IpaRange{base + ramdisk_at, ramdisk_size};
    }
    return placement;
}

} // namespace trv::guest
