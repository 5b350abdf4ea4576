// SPDX-License-Identifier: Apache-2.0
#include "boot/image_layout.hpp"
#include "boot/symbols.hpp"

#include <gtest/gtest.h>

// A table as boot/make_symbols.py writes it, where the linker script would have put it.
asm(R"(
    .section .rodata
    .balign 4
    .globl image_symbols_start
image_symbols_start:
    .long 3
    .byte 0, 0
    .asciz "vm::first"
    .byte 0x80, 2, 4
    .asciz "second"
    .byte 0x80, 1, 5
    .asciz "ixth"
    .globl image_symbols_end
image_symbols_end:
    .previous
)");

namespace trv::boot {

memory::ImageLayout image_layout() {
    return {{Pa(0x4020'0000), 0x200}, {}, {}};
}

namespace {

TEST(Symbols, NamesTheFunctionAroundAnAddress) {
    struct {
        u64 address;
        std::string_view name;
        u64 offset;
    } constexpr cases[] = {
        {0x4020'0000, "vm::first", 0},     {0x4020'00ff, "vm::first", 0xff}, {0x4020'0100, "vm::second", 0},
        {0x4020'017f, "vm::second", 0x7f}, {0x4020'0180, "vm::sixth", 0},    {0x4020'01ff, "vm::sixth", 0x7f},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(symbol_at(each.address).name(), each.name);
        EXPECT_EQ(symbol_at(each.address).offset(), each.offset);
    }
}

TEST(Symbols, KnowsNothingOutsideOfTheCode) {
    for (const u64 address : {u64{0}, u64{0x401f'ffff}, u64{0x4020'0200}, ~u64{0}}) {
        EXPECT_EQ(symbol_at(address).name(), "?");
    }
}

} // namespace
} // namespace trv::boot
