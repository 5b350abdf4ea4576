// SPDX-License-Identifier: Apache-2.0
#include "vdev/firmware/cfi_flash.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace trv::vdev {
namespace {

class Memory final : public FlashMemory {
  public:
    [[nodiscard]] FlashContent& content() override { return content_; }
    void show() override { shown = true; }
    void hide() override { shown = false; }

    std::vector<u8> bytes = std::vector<u8>(CfiFlash::size, FlashContent::erased);
    bool shown = true;

  private:
    FlashContent content_{bytes};
};

class CfiFlashTest : public testing::Test {
  protected:
    static constexpr u64 ready = 0x0080'0080;

    u64 read(u64 offset, u8 size = 4) { return flash_.read({.offset = offset, .size = size, .vcpu = 0}).value; }
    void write(u64 offset, u64 value, u8 size = 4) { flash_.write({.offset = offset, .size = size, .vcpu = 0}, value); }
    /// As drivers do for two chips.
    void command(u64 offset, u16 command) { write(offset, u32{command} << 16 | command); }
    void program(u64 offset, u32 word) {
        command(offset, 0x40);
        write(offset, word);
        command(0, 0xff);
    }

    Memory memory_;
    CfiFlash flash_{memory_};
};

TEST_F(CfiFlashTest, IsMemoryUntilACommandAndAfterReadArray) {
    memory_.bytes[0x1000] = 0x12;
    EXPECT_TRUE(memory_.shown);
    EXPECT_EQ(read(0x1000), 0xffff'ff12U);
    command(0, 0x70);
    EXPECT_FALSE(memory_.shown);
    EXPECT_EQ(read(0x1000), ready);
    command(0, 0xff);
    EXPECT_TRUE(memory_.shown);
    EXPECT_EQ(read(0x1000, 1), 0x12U);
    EXPECT_EQ(read(0x1000, 8), 0xffff'ffff'ffff'ff12U);
}

TEST_F(CfiFlashTest, DescribesItselfToEveryChipWidth) {
    command(0x55 * 4, 0x98);
    std::string text;
    for (u64 word = 0x10; word < 0x13; ++word) {
        const u64 both = read(word * 4);
        EXPECT_EQ(both & 0xffff, both >> 16);
        text += static_cast<char>(both);
        EXPECT_EQ(read(word * 4, 1), both & 0xff);
        EXPECT_EQ(read(word * 4 + 2, 2), both & 0xffff);
    }
    EXPECT_EQ(text, "QRY");
    EXPECT_EQ(read(0x13 * 4, 1), 1U) << "the command set";
    EXPECT_EQ(u64{2} << read(0x27 * 4, 1), CfiFlash::size);
    EXPECT_EQ(u64{2} << read(0x2a * 4, 1), CfiFlash::buffer_words * 4);
    const u64 blocks = read(0x2d * 4, 1) + 1;
    const u64 block = (read(0x2f * 4, 1) | read(0x30 * 4, 1) << 8) * 256 * 2;
    EXPECT_EQ(block, CfiFlash::block_size);
    EXPECT_EQ(blocks * block, CfiFlash::size);
    EXPECT_EQ(read(0x0f * 4), 0U);
    EXPECT_EQ(read(CfiFlash::size - 4), 0U);
}

TEST_F(CfiFlashTest, NamesItsMakerAndOpenLocks) {
    command(CfiFlash::block_size, 0x90);
    EXPECT_EQ(read(CfiFlash::block_size), 0x0089'0089U);
    EXPECT_EQ(read(CfiFlash::block_size + 4), 0x0018'0018U);
    EXPECT_EQ(read(CfiFlash::block_size + 8), 0U);
}

TEST_F(CfiFlashTest, ProgrammingClearsBitsOnly) {
    program(0x2000, 0xf0f0'1234);
    EXPECT_EQ(read(0x2000), 0xf0f0'1234U);
    program(0x2000, 0xffff'0ff0);
    EXPECT_EQ(read(0x2000), 0xf0f0'0230U);
    EXPECT_EQ(read(0x2004), 0xffff'ffffU);
    EXPECT_EQ(read(0x1ffc), 0xffff'ffffU);
}

TEST_F(CfiFlashTest, EraseSetsOneBlock) {
    for (const u64 block : {0U, 1U, 2U}) {
        program(block * CfiFlash::block_size + 8, 0);
    }
    command(CfiFlash::block_size + 0x100, 0x20);
    command(CfiFlash::block_size + 0x100, 0xd0);
    EXPECT_EQ(read(0), ready);
    command(0, 0xff);
    EXPECT_EQ(read(8), 0U);
    EXPECT_EQ(read(CfiFlash::block_size + 8), 0xffff'ffffU);
    EXPECT_EQ(read(2 * CfiFlash::block_size + 8), 0U);
}

TEST_F(CfiFlashTest, ABufferIsProgrammed) {
    command(0x3000, 0xe8);
    EXPECT_EQ(read(0x3000), ready) << "the buffer is free";
    command(0x3000, CfiFlash::buffer_words - 1);
    for (u64 word = 0; word < CfiFlash::buffer_words; ++word) {
        write(0x3000 + word * 4, word);
    }
    command(0x3000, 0xd0);
    EXPECT_EQ(read(0), ready);
    command(0, 0xff);
    for (u64 word = 0; word < CfiFlash::buffer_words; ++word) {
        EXPECT_EQ(read(0x3000 + word * 4), word);
    }
}

TEST_F(CfiFlashTest, AnInvalidSequenceIsAnErrorUntilItIsCleared) {
    constexpr u64 failed = 0x00b0'00b0;
    program(0, 0x1234);
    command(0, 0x20);
    command(0, 0x20);
    EXPECT_EQ(read(0), failed);
    command(0, 0xff);
    EXPECT_EQ(read(0), 0x1234U) << "nothing was erased";
    command(0, 0x70);
    EXPECT_EQ(read(0), failed);
    command(0, 0x50);
    EXPECT_EQ(read(0), ready);
    command(0, 0xe8);
    command(0, CfiFlash::buffer_words);
    EXPECT_EQ(read(0), failed) << "more words than the buffer has";
    command(0, 0x50);
    command(0, 0x60);
    command(0, 0xd0);
    EXPECT_EQ(read(0), ready) << "unlocked";
    command(0, 0x60);
    command(0, 0x55);
    EXPECT_EQ(read(0), failed);
}

TEST_F(CfiFlashTest, UnknownCommandsChangeNothing) {
    command(0, 0xaa);
    command(0, 0x55);
    EXPECT_TRUE(memory_.shown);
    program(0, 7);
    EXPECT_EQ(read(0), 7U);
}

TEST_F(CfiFlashTest, AResetKeepsTheContentAndNoCommand) {
    program(0x10, 0x55);
    command(0, 0x40);
    EXPECT_FALSE(memory_.shown);
    flash_.reset();
    EXPECT_TRUE(memory_.shown);
    write(0, 0); // no data of the command before
    EXPECT_EQ(read(0), 0xffff'ffffU);
    EXPECT_EQ(read(0x10), 0x55U);
}

TEST_F(CfiFlashTest, ItsChangesAreCounted) {
    FlashContent& content = memory_.content();
    EXPECT_EQ(content.changes(), 0U);
    program(0x10, 0x55);
    EXPECT_EQ(content.changes(), 1U);
    command(0, 0x20);
    EXPECT_EQ(content.changes(), 1U) << "not confirmed yet";
    command(0, 0xd0);
    command(0, 0xff);
    EXPECT_EQ(content.changes(), 2U);
    command(0, 0x90);
    EXPECT_EQ(read(0), 0x0089'0089U);
    flash_.reset();
    EXPECT_EQ(content.changes(), 2U);
}

TEST_F(CfiFlashTest, WhatAProgramOfTheHostWroteIsNoChange) {
    const std::array<u8, 3> bytes{1, 2, 3};
    memory_.content().write(CfiFlash::size - 3, bytes);
    EXPECT_EQ(read(CfiFlash::size - 4), 0x0302'01ffU);
    EXPECT_EQ(memory_.content().changes(), 0U);
    std::array<u8, 4> read_back{};
    memory_.content().read(CfiFlash::size - 4, read_back);
    EXPECT_EQ(read_back, (std::array<u8, 4>{0xff, 1, 2, 3}));
}

} // namespace
} // namespace trv::vdev
