// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/elf_program.hpp"
#include "tool/guest/kernel/kernel_image.hpp"
#include "tool/guest/little_endian.hpp"
#include "tool/guest/memory_need.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace trv::tool::guest {
namespace {

struct Part {
    std::uint64_t address;
    std::string content;
    std::uint64_t memory;
    std::uint64_t virtual_address = address;
};

class Elf : public testing::Test {
  protected:
    /// [ELF gABI 4]
    static std::string make(std::uint64_t entry, const std::vector<Part>& parts) {
        std::string elf(64 + 56 * parts.size(), '\0');
        elf.replace(0, 7,
                    std::string_view("\x7f"
                                     "ELF\x02\x01\x01",
                                     7));
        put_little_endian<std::uint16_t>(elf, 16, 2);
        put_little_endian<std::uint16_t>(elf, 18, 183);
        put_little_endian<std::uint64_t>(elf, 24, entry);
        put_little_endian<std::uint64_t>(elf, 32, 64);
        put_little_endian<std::uint16_t>(elf, 54, 56);
        put_little_endian<std::uint16_t>(elf, 56, static_cast<std::uint16_t>(parts.size()));
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::size_t header = 64 + 56 * i;
            put_little_endian<std::uint32_t>(elf, header, 1);
            put_little_endian<std::uint64_t>(elf, header + 8, elf.size());
            put_little_endian<std::uint64_t>(elf, header + 16, parts[i].virtual_address);
            put_little_endian<std::uint64_t>(elf, header + 24, parts[i].address);
            put_little_endian<std::uint64_t>(elf, header + 32, parts[i].content.size());
            put_little_endian<std::uint64_t>(elf, header + 40, parts[i].memory);
            elf += parts[i].content;
        }
        return elf;
    }

    /// What the start of an Image does, as its table says: memory from the start of RAM on.
    struct Started {
        std::string memory;
        std::uint64_t entry = 0;
        bool tree_at_start = false;
    };
    static Started run(const std::string& image) {
        constexpr std::uint64_t ram = 0x4000'0000;
        constexpr char untouched = '#';
        Started started;
        started.memory.resize(little_endian<std::uint64_t>(image, 16), untouched);
        std::ranges::copy(image, started.memory.begin());
        const auto branch = little_endian<std::uint32_t>(image, 0);
        EXPECT_EQ(branch >> 26U, 5U);
        for (std::size_t row = (branch & 0x3ffffffU) * 4 + 128;; row += 32) {
            const auto to = little_endian<std::uint64_t>(image, row);
            const auto from = little_endian<std::uint64_t>(image, row + 8);
            const auto bytes = little_endian<std::uint64_t>(image, row + 16);
            const auto cleared = little_endian<std::uint64_t>(image, row + 24);
            if (to == 0) {
                started.entry = from;
                return started;
            }
            EXPECT_EQ((to | from | bytes | cleared) % 16, 0U);
            if (from == 0) {
                EXPECT_EQ(to, ram);
                started.tree_at_start = true;
                continue;
            }
            started.memory.replace(to - ram, bytes, started.memory.substr(from - ram, bytes));
            started.memory.replace(to - ram + bytes, cleared, cleared, '\0');
        }
    }

    static std::string refusal(const std::string& elf) {
        const auto refused = image_of_elf(elf, "file", "Copy it.");
        return refused ? std::string{"not refused"} : refused.error().what;
    }
};

TEST_F(Elf, ItsSegmentsAreAtTheirAddressesAndTheRestIsCleared) {
    const auto image =
        image_of_elf(make(0x4800'0004, {{0x4800'0000, "codecode", 8}, {0x4800'1008, "data", 0x2000}}), "file", "");
    ASSERT_TRUE(image);
    EXPECT_TRUE(is_raw_image(*image));
    EXPECT_LT(image->size(), 128U * 1024); // below the program, which is far up
    const Started started = run(*image);
    EXPECT_EQ(started.entry, 0x4800'0004U);
    EXPECT_TRUE(started.tree_at_start);
    EXPECT_EQ(started.memory.substr(0x800'0000, 10), std::string("codecode\0\0", 10));
    EXPECT_EQ(started.memory.substr(0x800'1008, 4), "data");
    const std::string cleared = started.memory.substr(0x800'100c, 0x2000 - 4);
    EXPECT_TRUE(std::ranges::all_of(cleared, [](char c) { return c == 0; }));
}

TEST_F(Elf, AProgramAtTheStartOfMemoryFindsNoTreeThere) {
    const auto image = image_of_elf(make(0x4000'0000, {{0x4000'0000, std::string(100'000, 'c'), 200'000}}), "file", "");
    ASSERT_TRUE(image);
    const Started started = run(*image);
    EXPECT_EQ(started.entry, 0x4000'0000U);
    EXPECT_FALSE(started.tree_at_start);
    EXPECT_EQ(started.memory.substr(0, 100'000), std::string(100'000, 'c'));
    EXPECT_EQ(started.memory.substr(100'000, 100'000), std::string(100'000, '\0'));
}

TEST_F(Elf, TheEntryPointIsAVirtualAddress) {
    const auto image = image_of_elf(
        make(0xffff'0000'0000'0010, {{0x4010'0000, std::string(64, 'c'), 64, 0xffff'0000'0000'0000}}), "file", "");
    ASSERT_TRUE(image);
    EXPECT_EQ(run(*image).entry, 0x4010'0010U);
}

TEST_F(Elf, PartsThatAreFarApartAreNotFilledUp) {
    const auto image = image_of_elf(make(0x4100'0000, {{0x6000'0000, "high", 4}, {0x4100'0000, "low", 3}}), "file", "");
    ASSERT_TRUE(image);
    EXPECT_LT(image->size(), 128U * 1024);
    const Started started = run(*image);
    EXPECT_EQ(started.memory.substr(0x2000'0000, 4), "high");
    EXPECT_EQ(started.memory.substr(0x100'0000, 3), "low");
}

TEST_F(Elf, ItsMemoryIsWhatItsSegmentsTake) {
    const auto image = image_of_elf(make(0x4800'0000, {{0x4800'0000, "code", 0x100'0000}}), "file", "");
    ASSERT_TRUE(image);
    const auto need = memory_need(*image, image->size(), "file", std::nullopt);
    ASSERT_TRUE(need);
    EXPECT_EQ(need->kernel, 0x900'0000U);
}

TEST_F(Elf, OneForAnotherMachineIsRefused) {
    auto elf = make(0x4000'0000, {{0x4000'0000, "code", 4}});
    put_little_endian<std::uint16_t>(elf, 18, 40);
    EXPECT_EQ(refusal(elf), "is a program for 32-bit Arm");
    put_little_endian<std::uint16_t>(elf, 18, 62);
    EXPECT_EQ(refusal(elf), "is a program for x86-64");
    put_little_endian<std::uint16_t>(elf, 18, 183);
    elf[4] = 1;
    EXPECT_EQ(refusal(elf), "is a program for 32-bit pointers (ILP32)");
}

TEST_F(Elf, OneThatIsCutOffIsRefused) {
    const auto elf = make(0x4000'0000, {{0x4000'0000, "code", 4}});
    EXPECT_EQ(refusal(elf.substr(0, 63)), "is cut off within its ELF header");
    EXPECT_EQ(refusal(elf.substr(0, 100)), "is cut off: its program headers lie behind its end");
    EXPECT_EQ(refusal(elf.substr(0, elf.size() - 1)), "is cut off: its segment 0 lies behind its end");
}

TEST_F(Elf, AddressesOutsideOfMemoryAreRefused) {
    EXPECT_EQ(refusal(make(0x8'0000, {{0x8'0000, "code", 4}})), "loads 4 bytes at 0x80000, outside of a VM's memory");
    EXPECT_EQ(refusal(make(~0xfULL, {{~0xfULL, "code", 32}})),
              "loads 32 bytes at 0xfffffffffffffff0, outside of a VM's memory");
    EXPECT_EQ(refusal(make(0x4000'0000, {{0x4000'0000, "code", ~0ULL}})),
              "loads 18446744073709551615 bytes at 0x40000000, outside of a VM's memory");
}

TEST_F(Elf, AnEntryPointElsewhereIsRefused) {
    EXPECT_EQ(refusal(make(0x4000'0004, {{0x4000'0000, "code", 8}})),
              "its entry point 0x40000004 is not in what it loads");
}

TEST_F(Elf, AnObjectFileIsRefused) {
    auto elf = make(0x4000'0000, {{0x4000'0000, "code", 4}});
    elf[16] = 1;
    EXPECT_EQ(refusal(elf), "is an ELF file, but not an executable with fixed load addresses");
    EXPECT_EQ(refusal(make(0, {})), "has nothing to load");
}

} // namespace
} // namespace trv::tool::guest
