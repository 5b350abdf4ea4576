// SPDX-License-Identifier: Apache-2.0
#include "arch/exception/write_back.hpp"

#include <gtest/gtest.h>

namespace trv::arch {
namespace {

struct Form {
    u32 instruction;
    const char* text;
    unsigned size;
    unsigned target;
    unsigned base;
    i64 change;
    bool write, before, sign, wide;
};

// As the assembler encodes them.
constexpr Form forms[] = {
    {0xb84044a3, "ldr w3, [x5], #4", 4, 3, 5, 4, false, false, false, false},
    {0xf85f8c41, "ldr x1, [x2, #-8]!", 8, 1, 2, -8, false, true, false, true},
    {0x38401400, "", 0, 0, 0, 0, false, false, false, false}, // ldrb w0, [x0], #1: base and target are one
    {0x3840141f, "ldrb wzr, [x0], #1", 1, 31, 0, 1, false, false, false, false},
    {0x785fe7c0, "ldrh w0, [x30], #-2", 2, 0, 30, -2, false, false, false, false},
    {0x38801401, "ldrsb x1, [x0], #1", 1, 1, 0, 1, false, false, true, true},
    {0x38c01401, "ldrsb w1, [x0], #1", 1, 1, 0, 1, false, false, true, false},
    {0x78c02c01, "ldrsh w1, [x0, #2]!", 2, 1, 0, 2, false, true, true, false},
    {0xb8804401, "ldrsw x1, [x0], #4", 4, 1, 0, 4, false, false, true, true},
    {0xf80ffc1f, "str xzr, [x0, #255]!", 8, 31, 0, 255, true, true, false, true},
    {0x38100401, "strb w1, [x0], #-256", 1, 1, 0, -256, true, false, false, false},
};

TEST(WriteBack, DecodesLoadsAndStores) {
    for (const Form& form : forms) {
        const auto access = decode_write_back(form.instruction);
        if (form.size == 0) {
            EXPECT_FALSE(access) << form.instruction;
            continue;
        }
        ASSERT_TRUE(access) << form.text;
        const DataAbort described{access->iss};
        EXPECT_TRUE(described.valid()) << form.text;
        EXPECT_EQ(described.size(), form.size) << form.text;
        EXPECT_EQ(described.register_index(), form.target) << form.text;
        EXPECT_EQ(described.sign_extend(), form.sign) << form.text;
        EXPECT_EQ(described.is_64_bit_register(), form.wide) << form.text;
        EXPECT_EQ(access->write, form.write) << form.text;
        EXPECT_EQ(access->base, form.base) << form.text;
        EXPECT_EQ(access->change, static_cast<u64>(form.change)) << form.text;
        EXPECT_EQ(access->changed_before, form.before) << form.text;
    }
}

TEST(WriteBack, LeavesAllOthersAlone) {
    constexpr u32 others[] = {
        0xb94000a3, // ldr w3, [x5]
        0xb84000a3, // ldur w3, [x5]
        0xb84008a3, // ldtr w3, [x5]
        0xb86068a3, // ldr w3, [x5, x0]
        0xa8c10ca2, // ldp x2, x3, [x5], #16
        0x3c4014a3, // ldr b3, [x5], #1
        0xb84047e3, // ldr w3, [sp], #4
        0xf88014a3, // no instruction: a double word is not extended
        0xb8c044a3, // no instruction: a word is not extended to a word
        0xf8c014a3, // no instruction
        0x885f7ca3, // ldxr w3, [x5]
        0xd50b7e25, // dc civac, x5
        0x00000000, 0xffffffff,
    };
    for (const u32 instruction : others) {
        EXPECT_FALSE(decode_write_back(instruction)) << std::hex << instruction;
    }
}

} // namespace
} // namespace trv::arch
