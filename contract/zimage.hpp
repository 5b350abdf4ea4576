// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kernel for 32-bit Arm: what its file says about the memory that it needs. The file unpacks a kernel to the start of RAM, and
// must not lie where that goes. [Linux, Documentation/arch/arm/booting.rst; arch/arm/boot/compressed/head.S, vmlinux.lds.S]

#include <cstddef>
#include <cstdint>
#include <expected>

namespace trv::contract::zimage {

inline constexpr std::size_t magic_at = 0x24;
inline constexpr std::uint32_t magic = 0x016f'2818; ///< of a little-endian one

/// The kernel takes the address where it runs, rounded down to a multiple, for the start of RAM.
inline constexpr std::uint64_t ram_alignment = 128 * 1024 * 1024;
/// What is placed beside it begins at a multiple: the kernel maps it in sections of 1 or 2 MiB.
inline constexpr std::uint64_t block = 2 * 1024 * 1024;

enum class Problem : std::uint8_t {
    Truncated,
    NoSize,    ///< older than Linux 4.15, whose table does not state how large it becomes
    BigEndian, ///< its data, at least
    TooLarge,  ///< for a kernel that finds its RAM as above
};

/// What it needs, in bytes.
struct Need {
    std::uint64_t unpacked; ///< from the start of RAM to the end of the kernel; a multiple of `block`
    std::uint64_t file;     ///< behind that: the file, and what it works with while it unpacks
};

/// @param read a function of an offset that returns the little-endian word there: each is read once
template <typename Read>
[[nodiscard]] std::expected<Need, Problem> read_need(std::uint64_t file_size, Read read) {
    constexpr std::uint64_t byte_order_at = 0x30;
    constexpr std::uint32_t little_endian = 0x0403'0201;
    constexpr std::uint64_t table_magic_at = 0x34;
    constexpr std::uint32_t table_magic = 0x4545'4545;
    constexpr std::uint64_t table_at = 0x38;
    constexpr std::uint32_t size_tag = 0x5a53'4c4b;
    constexpr std::uint64_t work_room = 1024 * 1024; // stack and heap are below 100 KiB

    const auto word = [&](std::uint64_t offset) -> std::expected<std::uint32_t, Problem> {
        if (offset % 4 != 0 || file_size < 4 || offset > file_size - 4) {
            return std::unexpected(Problem::Truncated);
        }
        return read(offset);
    };
    const auto order = word(byte_order_at);
    const auto mark = word(table_magic_at);
    const auto table = word(table_at);
    if (!order || !mark || !table) {
        return std::unexpected(Problem::Truncated);
    }
    if (*order != little_endian) {
        return std::unexpected(Problem::BigEndian);
    }
    if (*mark != table_magic) {
        return std::unexpected(Problem::NoSize);
    }
    // The entry of sizes is the table's first: its length in words, tag, where the kernel's size is, size of .bss, offset of the
    // kernel's text.
    const auto tag = word(std::uint64_t{*table} + 4);
    const auto size_at = word(std::uint64_t{*table} + 8);
    const auto bss = word(std::uint64_t{*table} + 12);
    const auto text_offset = word(std::uint64_t{*table} + 16);
    if (!tag || !size_at || !bss || !text_offset) {
        return std::unexpected(Problem::Truncated);
    }
    if (*tag != size_tag) {
        return std::unexpected(Problem::NoSize);
    }
    const auto size = word(*size_at);
    if (!size) {
        return std::unexpected(Problem::Truncated);
    }
    const std::uint64_t end = std::uint64_t{*text_offset} + *size + *bss;
    const std::uint64_t unpacked = (end + block - 1) / block * block;
    if (unpacked >= ram_alignment || file_size >= ram_alignment) {
        return std::unexpected(Problem::TooLarge);
    }
    return Need{.unpacked = unpacked, .file = file_size + work_room};
}

} // namespace trv::contract::zimage
