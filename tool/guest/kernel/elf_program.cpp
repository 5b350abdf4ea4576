// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/elf_program.hpp"

#include "contract/guest_memory.hpp"
#include "tool/guest/little_endian.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace trv::tool::guest {
namespace {

constexpr std::uint64_t ram = contract::vm_ram_base;
/// Programs beyond it are for another machine; sums of addresses below it do not wrap.
constexpr std::uint64_t end_of_addresses = 1ULL << 39U;
/// An Image's file has at most so much; what it clears is not part of it.
constexpr std::uint64_t largest_file = 1ULL << 30U;
/// A branch reaches so far [Arm ARM C6.2.26].
constexpr std::uint64_t branch_reach = 1ULL << 27U;

// [ELF gABI 4, ELF header and program header of 64-bit objects]
constexpr std::string_view magic = "\x7f"
                                   "ELF";
constexpr std::size_t header_size = 64;
constexpr std::size_t segment_size = 56;
constexpr char class_64 = 2;
constexpr char little = 1;
constexpr std::uint16_t machine_aarch64 = 183;
constexpr std::uint16_t machine_arm = 40;
constexpr std::uint16_t machine_x86_64 = 62;
constexpr std::uint16_t machine_riscv = 243;
constexpr std::uint16_t type_executable = 2;
constexpr std::uint32_t loadable = 1;

/// What the program's start copies and clears: each is aligned to `unit`.
constexpr std::uint64_t unit = 16;
/// Segments no further apart are one piece: zeros in the file are cheaper than many pieces.
constexpr std::uint64_t largest_gap = 65536;

/// Where the Image's header and, later, the tree are: the tree of a VM is far smaller.
constexpr std::uint64_t tree_room = 65536;
constexpr std::uint64_t start_room = 4096; // the instructions below and their table

/// Position-independent, and entered with the MMU off. Each row of the table behind them has the address to copy to, the
/// address to copy from (0: the device tree), the bytes to copy, and the bytes to clear behind those. The last row has 0
/// and the entry point. Lines of the cache that hold older contents of the memory go out with each store.
constexpr std::array<std::uint32_t, 32> start = {
    0xaa0003f4, //        mov  x20, x0
    0x100003e9, //        adr  x9, table
    0xa8c12d2a, // next:  ldp  x10, x11, [x9], #16
    0xa8c1352c, //        ldp  x12, x13, [x9], #16
    0xb40002ca, //        cbz  x10, enter
    0xb50000eb, //        cbnz x11, known
    0xaa1403eb, //        mov  x11, x20
    0xaa0a03e0, //        mov  x0, x10
    0xb940068c, //        ldr  w12, [x20, #4]          its total size
    0x5ac0098c, //        rev  w12, w12
    0x91003d8c, //        add  x12, x12, #15
    0x927ced8c, //        and  x12, x12, #~15
    0xb40000ec, // known: cbz  x12, clear
    0xa8c13d6e, // copy:  ldp  x14, x15, [x11], #16
    0xa9003d4e, //        stp  x14, x15, [x10]
    0xd50b7e2a, //        dc   civac, x10
    0x9100414a, //        add  x10, x10, #16
    0xf100418c, //        subs x12, x12, #16
    0x54ffff61, //        b.ne copy
    0xb4fffded, // clear: cbz  x13, next
    0xa9007d5f, // zero:  stp  xzr, xzr, [x10]
    0xd50b7e2a, //        dc   civac, x10
    0x9100414a, //        add  x10, x10, #16
    0xf10041ad, //        subs x13, x13, #16
    0x54ffff81, //        b.ne zero
    0x17ffffe9, //        b    next
    0xd5033f9f, // enter: dsb  sy
    0xd508751f, //        ic   iallu
    0xd5033f9f, //        dsb  sy
    0xd5033fdf, //        isb
    0xd61f0160, //        br   x11
    0xd503201f, //        nop
}; //              table:
using Row = std::array<std::uint64_t, 4>;
constexpr std::size_t most_pieces = (start_room - sizeof start) / sizeof(Row) - 2; // the tree, and the last row

struct Segment {
    std::uint64_t offset;          // in the file
    std::uint64_t virtual_address; // what e_entry refers to
    std::uint64_t address;
    std::uint64_t file_bytes;
    std::uint64_t memory_bytes;

    [[nodiscard]] std::uint64_t end() const { return address + memory_bytes; }
};

/// Segments that are copied as one.
struct Piece {
    std::uint64_t address; // aligned to `unit`, as are the sizes
    std::string content;
    std::uint64_t cleared; // bytes behind them

    [[nodiscard]] std::uint64_t end() const { return address + content.size() + cleared; }
};

constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t to) {
    return (value + to - 1) / to * to;
}

std::string_view name_of_machine(std::uint16_t machine) {
    switch (machine) {
    case machine_arm:
        return "32-bit Arm";
    case machine_x86_64:
        return "x86-64";
    case machine_riscv:
        return "RISC-V";
    default:
        return "another CPU";
    }
}

Result<void> check_header(std::string_view elf, const std::string& name, std::string_view hint) {
    if (elf.size() < header_size) {
        return failure(name, "is cut off within its ELF header", std::string{hint});
    }
    const auto machine = little_endian<std::uint16_t>(elf, 18);
    if (elf[5] != little || machine != machine_aarch64 || elf[4] != class_64) {
        return usage_error(name, {},
                           fmt::format("is a program for {}", elf[5] != little             ? "a big-endian CPU"
                                                              : machine == machine_aarch64 ? "32-bit pointers (ILP32)"
                                                                                           : name_of_machine(machine)),
                           "VMs run 64-bit, little-endian Arm programs: build it for aarch64.");
    }
    if (little_endian<std::uint16_t>(elf, 16) != type_executable) {
        return usage_error(name, {}, "is an ELF file, but not an executable with fixed load addresses",
                           "Link it for an address in the VM's memory, which begins at 0x40000000.");
    }
    return {};
}

Result<std::vector<Segment>> read_segments(std::string_view elf, const std::string& name, std::string_view hint) {
    const auto table = little_endian<std::uint64_t>(elf, 32);
    const auto entry_size = little_endian<std::uint16_t>(elf, 54);
    const auto count = little_endian<std::uint16_t>(elf, 56);
    if (entry_size != segment_size || table > elf.size() || count > (elf.size() - table) / segment_size) {
        return failure(name, "is cut off: its program headers lie behind its end", std::string{hint});
    }
    std::vector<Segment> segments;
    for (std::size_t i = 0; i < count; ++i) {
        const auto header = elf.substr(table + i * segment_size, segment_size);
        const Segment segment{.offset = little_endian<std::uint64_t>(header, 8),
                              .virtual_address = little_endian<std::uint64_t>(header, 16),
                              .address = little_endian<std::uint64_t>(header, 24),
                              .file_bytes = little_endian<std::uint64_t>(header, 32),
                              .memory_bytes = little_endian<std::uint64_t>(header, 40)};
        if (little_endian<std::uint32_t>(header, 0) != loadable || segment.memory_bytes == 0) {
            continue;
        }
        if (segment.offset > elf.size() || segment.file_bytes > elf.size() - segment.offset) {
            return failure(name, fmt::format("is cut off: its segment {} lies behind its end", i), std::string{hint});
        }
        if (segment.address < ram || segment.address >= end_of_addresses ||
            segment.memory_bytes > end_of_addresses - segment.address || segment.file_bytes > segment.memory_bytes) {
            return usage_error(
                name, {},
                fmt::format("loads {} bytes at {:#x}, outside of a VM's memory", segment.memory_bytes, segment.address),
                "Link it for addresses from 0x40000000 on. Of a Linux kernel, give arch/arm64/boot/Image "
                "instead of vmlinux.");
        }
        segments.push_back(segment);
    }
    if (segments.empty()) {
        return usage_error(name, {}, "has nothing to load", "Link it as an executable.");
    }
    std::ranges::sort(segments, {}, &Segment::address);
    return segments;
}

/// The address of the first instruction: e_entry is a virtual address.
Result<std::uint64_t> find_entry(std::string_view elf, const std::vector<Segment>& segments, const std::string& name) {
    const auto entry = little_endian<std::uint64_t>(elf, 24);
    for (const auto base : {&Segment::virtual_address, &Segment::address}) {
        for (const auto& segment : segments) {
            if (entry >= segment.*base && entry - segment.*base < segment.file_bytes) {
                return segment.address + (entry - segment.*base);
            }
        }
    }
    return usage_error(name, {}, fmt::format("its entry point {:#x} is not in what it loads", entry),
                       "Name the entry point when you link it: ENTRY(symbol) in a linker script, or -e symbol.");
}

Result<std::vector<Piece>> make_pieces(std::string_view elf, const std::vector<Segment>& segments,
                                       const std::string& name) {
    std::vector<Piece> pieces;
    std::uint64_t bytes = 0;
    for (const auto& segment : segments) {
        if (pieces.empty() || segment.address > pieces.back().end() + largest_gap) {
            pieces.push_back({.address = segment.address / unit * unit, .content = {}, .cleared = 0});
        }
        Piece& piece = pieces.back();
        const std::uint64_t at = segment.address - piece.address;
        const std::uint64_t had = piece.content.size();
        const std::uint64_t content_end = segment.file_bytes == 0 ? had : std::max(had, at + segment.file_bytes);
        bytes += content_end - had;
        if (bytes > largest_file) {
            return usage_error(name, {}, "its segments take more than 1GiB", "Load less, or what you need later.");
        }
        const std::uint64_t end = std::max(piece.end(), segment.end());
        piece.content.resize(align_up(content_end, unit), '\0');
        std::ranges::copy(elf.substr(segment.offset, segment.file_bytes),
                          piece.content.begin() + static_cast<std::ptrdiff_t>(at));
        piece.cleared =
            align_up(std::max(end, piece.address + piece.content.size()) - piece.address - piece.content.size(), unit);
    }
    if (pieces.size() > most_pieces) {
        return usage_error(name, {}, fmt::format("has {} separate parts", pieces.size()),
                           fmt::format("Link it so that it has at most {}.", most_pieces));
    }
    return pieces;
}

/// [Linux, Documentation/arch/arm64/booting.rst 4]
void write_header(std::string& image, std::uint64_t branch_distance, std::uint64_t memory_bytes) {
    put_little_endian<std::uint32_t>(image, 0, 0x14000000U | static_cast<std::uint32_t>(branch_distance / 4));
    put_little_endian<std::uint64_t>(image, 16, memory_bytes);
    image.replace(56, 4, "ARM\x64");
}

} // namespace

bool is_elf(std::string_view bytes) {
    return bytes.starts_with(magic);
}

Result<std::string> image_of_elf(std::string_view elf, const std::string& name, std::string_view hint) {
    TRY(check_header(elf, name, hint));
    const auto segments = TRY(read_segments(elf, name, hint));
    const auto entry = TRY(find_entry(elf, segments, name));
    const auto pieces = TRY(make_pieces(elf, segments, name));
    std::uint64_t content = 0;
    std::uint64_t end = 0;
    for (const auto& piece : pieces) {
        content += piece.content.size();
        end = std::max(end, piece.end());
    }

    // Below the program if there is room, so that the file is short; otherwise behind it.
    const std::uint64_t room = tree_room + start_room + content;
    const std::uint64_t lowest = pieces.front().address - ram;
    const std::uint64_t at = room <= lowest ? tree_room : align_up(end - ram, tree_room);
    if (at >= branch_reach) {
        return usage_error(
            name, {},
            fmt::format("takes memory up to {:#x}, and leaves no room below {:#x}", end, pieces.front().address),
            "Link it for a higher address, or for less memory.");
    }
    std::string image(at + start_room, '\0');
    write_header(image, at, std::max(end - ram, at + start_room + content));
    std::uint64_t position = at;
    for (const std::uint32_t instruction : start) {
        put_little_endian(image, position, instruction);
        position += sizeof instruction;
    }
    const auto add_row = [&](const Row& row) {
        for (const std::uint64_t value : row) {
            put_little_endian(image, position, value);
            position += sizeof value;
        }
    };
    for (const auto& piece : pieces) {
        add_row({piece.address, ram + image.size(), piece.content.size(), piece.cleared});
        image += piece.content;
    }
    if (lowest >= tree_room) {
        add_row({ram, 0, 0, 0});
    }
    add_row({0, entry, 0, 0});
    return image;
}

} // namespace trv::tool::guest
