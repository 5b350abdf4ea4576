// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/kernel_image.hpp"

#include "contract/zimage.hpp"
#include "tool/guest/decompress.hpp"
#include "tool/guest/kernel/elf_program.hpp"
#include "tool/guest/little_endian.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace trv::tool::guest {
namespace {

constexpr std::size_t magic_offset = 0x38;
constexpr std::string_view magic = "ARM\x64";

// An EFI program that unpacks a kernel. [Linux, drivers/firmware/efi/libstub/zboot-header.S]
constexpr std::string_view zboot_magic = "zimg"; // behind the "MZ\0\0" of a PE executable
constexpr std::size_t zboot_magic_offset = 4;
constexpr std::size_t zboot_payload_offset = 8;
constexpr std::size_t zboot_payload_size = 12;
constexpr std::size_t zboot_header_size = 64;

// [PE/COFF format: MS-DOS stub, file header, section headers]
constexpr std::size_t pe_offset_at = 0x3c;
constexpr std::size_t pe_header_size = 24;
constexpr std::size_t pe_section_size = 40;

/// A file that is no kernel for these VMs, by what is at its start.
struct Stranger {
    std::size_t offset;
    std::string_view magic;
    const char* what;
    const char* hint;
};
constexpr const char* give_arm64 = "Give a kernel for arm64 (aarch64).";
constexpr Stranger strangers[] = {
    {0x24, {"\x18\x28\x6f\x01", 4}, "is a 32-bit Arm kernel (zImage)", give_arm64},
    {0x202, "HdrS", "is an x86 kernel (bzImage)", give_arm64},
    {0x38, "RSC\x05", "is a RISC-V kernel", give_arm64},
    {0, "\x27\x05\x19\x56", "is a U-Boot image (uImage)", "Give the arm64 Image that it was made of."},
    {0, "\xd0\x0d\xfe\xed", "is a device tree or a FIT image", "Give the arm64 Image that it was made of."},
    {0, "\x89LZO", "is compressed with LZO, which is not supported", "Unpack it with lzop -d."},
    {0, "070701", "is a cpio archive", "Name an initramfs in rootfs, and a kernel here."},
    {0, "!<arch>", "is an archive, such as a Debian package", "Unpack it, and give the kernel in it."},
    {0, "MZ", "is an EFI program, but not an arm64 kernel", give_arm64},
};

std::unexpected<Error> refuse(std::string_view bytes, const std::string& name) {
    if (bytes.empty()) {
        return usage_error(name, {}, "is empty", "Name an arm64 kernel.");
    }
    for (const Stranger& stranger : strangers) {
        if (has_at(bytes, stranger.offset, stranger.magic)) {
            return usage_error(name, {}, stranger.what, stranger.hint);
        }
    }
    return usage_error(name, {}, "is not an arm64 kernel: an Image has \"ARM\\x64\" at byte 0x38",
                       "Use an arm64 Image, also a compressed one, or an ELF program for aarch64.");
}

bool is_zboot(std::string_view bytes) {
    return bytes.size() >= zboot_header_size && has_at(bytes, 0, "MZ") &&
           has_at(bytes, zboot_magic_offset, zboot_magic);
}

Result<std::string> unpack_zboot(std::string_view bytes, const std::string& name, std::string_view hint) {
    const std::size_t offset = little_endian<std::uint32_t>(bytes, zboot_payload_offset);
    const std::size_t size = little_endian<std::uint32_t>(bytes, zboot_payload_size);
    if (offset > bytes.size() || size > bytes.size() - offset) {
        return failure(
            name,
            fmt::format("is cut off: its EFI wrapper says that the kernel ends at byte {}, and the file has {}",
                        offset + size, bytes.size()),
            std::string{hint});
    }
    const auto payload = bytes.substr(offset, size);
    return is_compressed(payload) ? decompress(payload, name, hint) : refuse(payload, name);
}

} // namespace

bool is_raw_image(std::string_view bytes) {
    return has_at(bytes, magic_offset, magic);
}

bool is_zimage(std::string_view bytes) {
    return bytes.size() >= contract::zimage::magic_at + sizeof(std::uint32_t) &&
           little_endian<std::uint32_t>(bytes, contract::zimage::magic_at) == contract::zimage::magic;
}

Result<void> check_zimage(std::string_view bytes, const std::string& name, std::string_view hint) {
    constexpr std::size_t start_at = 0x28;
    constexpr std::size_t end_at = 0x2c;
    const std::uint64_t end = bytes.size() < end_at + sizeof(std::uint32_t)
                                  ? bytes.size() + 1
                                  : std::uint64_t{little_endian<std::uint32_t>(bytes, end_at)} -
                                        little_endian<std::uint32_t>(bytes, start_at);
    if (end > bytes.size()) {
        return failure(
            name,
            fmt::format("is cut off: its header says that it has {} bytes, and the file has {}", end, bytes.size()),
            std::string{hint});
    }
    const auto word = [bytes](std::uint64_t offset) { return little_endian<std::uint32_t>(bytes, offset); };
    const auto need = contract::zimage::read_need(bytes.size(), word);
    if (need) {
        return {};
    }
    switch (need.error()) {
    case contract::zimage::Problem::NoSize:
        return failure(name, "has no size in its header: it is older than Linux 4.15", "Give a newer kernel.");
    case contract::zimage::Problem::BigEndian:
        return failure(name, "is a big-endian kernel", "Build it with CONFIG_CPU_LITTLE_ENDIAN=y.");
    case contract::zimage::Problem::TooLarge:
        return failure(name, "has an impossible size in its header", std::string{hint});
    case contract::zimage::Problem::Truncated:
        break;
    }
    return failure(name, "is damaged: its header leads out of the file", std::string{hint});
}

Result<void> check_whole(std::string_view image, const std::string& name, std::string_view hint) {
    if (!has_at(image, 0, "MZ") || image.size() < pe_offset_at + sizeof(std::uint32_t)) {
        return {};
    }
    const std::size_t header = little_endian<std::uint32_t>(image, pe_offset_at);
    std::size_t end = header + pe_header_size;
    if (end <= image.size() && has_at(image, header, {"PE\0\0", 4})) {
        const std::size_t sections = little_endian<std::uint16_t>(image, header + 6);
        const std::size_t first = end + little_endian<std::uint16_t>(image, header + 20);
        end = first + sections * pe_section_size;
        for (std::size_t i = 0; end <= image.size() && i < sections; ++i) {
            const std::size_t section = first + i * pe_section_size;
            end = std::max<std::size_t>(end, std::size_t{little_endian<std::uint32_t>(image, section + 16)} +
                                                 little_endian<std::uint32_t>(image, section + 20));
        }
    }
    if (end > image.size()) {
        return failure(
            name,
            fmt::format("is cut off: its header says that it has {} bytes, and the file has {}", end, image.size()),
            std::string{hint});
    }
    return {};
}

Result<std::string> raw_image(std::string bytes, const std::string& name, std::string_view hint) {
    if (!is_raw_image(bytes)) {
        if (is_zboot(bytes)) {
            bytes = TRY(unpack_zboot(bytes, name, hint));
        } else if (is_compressed(bytes)) {
            bytes = TRY(decompress(bytes, name, hint));
        }
    }
    if (is_elf(bytes)) {
        return image_of_elf(bytes, name, hint);
    }
    if (!is_raw_image(bytes)) {
        return refuse(bytes, name);
    }
    TRY(check_whole(bytes, name, hint));
    return bytes;
}

} // namespace trv::tool::guest
