// SPDX-License-Identifier: Apache-2.0
#include "vdev/firmware/fw_cfg.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace trv::vdev {
namespace {

/// A guest with 1 MiB of memory from 1 GiB on.
class Data final : public FirmwareData {
  public:
    [[nodiscard]] u64 size_of(Part part) const override { return text(part).size(); }
    void copy(Part part, u64 offset, std::span<u8> to) const override {
        ASSERT_LE(offset + to.size(), text(part).size());
        std::memcpy(to.data(), text(part).data() + offset, to.size());
    }
    [[nodiscard]] bool load(Ipa from, std::span<u8> to) override {
        if (!contains(from)) {
            return false;
        }
        std::memcpy(to.data(), &memory[from - base], to.size());
        return true;
    }
    [[nodiscard]] u64 store(Ipa to, u64 size, void (*fill)(std::span<u8>, void*), void* context) override {
        if (!contains(to)) {
            return 0;
        }
        const u64 bytes = std::min(size, page_size - to.offset_in(page_size));
        fill(std::span(memory).subspan(to - base, bytes), context);
        return bytes;
    }

    [[nodiscard]] bool contains(Ipa ipa) const { return ipa >= base && ipa - base < memory.size(); }
    [[nodiscard]] const std::string& text(Part part) const {
        return part == Part::Kernel ? kernel : part == Part::Ramdisk ? ramdisk : command_line;
    }

    const Ipa base{0x4000'0000};
    std::vector<u8> memory = std::vector<u8>(1 * MiB, 0xee);
    std::string kernel = "kernel";
    std::string ramdisk{};
    std::string command_line{"console=ttyAMA0\0", 16};
};

class FwCfgTest : public testing::Test {
  protected:
    static constexpr u64 descriptor = 0x4000'0ff0;
    static constexpr u32 read_selected = 2;
    static constexpr u32 skip = 4;
    static constexpr u32 select_and_read = 10;

    u64 read(u64 offset, u8 size) { return device_.read({.offset = offset, .size = size, .vcpu = 0}).value; }
    MmioOutcome write(u64 offset, u64 value, u8 size) {
        return device_.write({.offset = offset, .size = size, .vcpu = 0}, value);
    }
    void select(u16 item) { (void)write(8, __builtin_bswap16(item), 2); }
    std::string data(std::size_t size) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i) {
            text += static_cast<char>(read(0, 1));
        }
        return text;
    }
    void describe(u32 control, u32 length, u64 address, u64 at = descriptor) {
        control = __builtin_bswap32(control);
        length = __builtin_bswap32(length);
        address = __builtin_bswap64(address);
        u8* const to = &data_.memory[at - data_.base.value];
        std::memcpy(to, &control, 4);
        std::memcpy(to + 4, &length, 4);
        std::memcpy(to + 8, &address, 8);
    }
    u32 control(u64 at = descriptor) {
        u32 value = 0;
        std::memcpy(&value, &data_.memory[at - data_.base.value], 4);
        return __builtin_bswap32(value);
    }
    /// Repeats the write as a guest's instruction does. @return how often
    unsigned transfer(u64 at = descriptor) {
        unsigned times = 1;
        while (write(16, __builtin_bswap64(at), 8) == MmioOutcome::Again) {
            ++times;
        }
        return times;
    }
    std::string memory(u64 address, std::size_t size) {
        return {reinterpret_cast<const char*>(&data_.memory[address - data_.base.value]), size};
    }

    Data data_;
    FwCfg device_{data_};
};

TEST_F(FwCfgTest, SaysWhatItIs) {
    select(0);
    EXPECT_EQ(data(4), "QEMU");
    select(1);
    EXPECT_EQ(read(0, 4), 3U);
    EXPECT_EQ(__builtin_bswap64(read(16, 8)), 0x5145'4d55'2043'4647U);
    EXPECT_EQ(__builtin_bswap32(static_cast<u32>(read(16, 4))), 0x5145'4d55U);
    EXPECT_EQ(__builtin_bswap32(static_cast<u32>(read(20, 4))), 0x2043'4647U);
    select(0x19);
    EXPECT_EQ(read(0, 4), 0U) << "no files";
}

TEST_F(FwCfgTest, GivesSizesAndContents) {
    select(0x08);
    EXPECT_EQ(read(0, 4), 6U);
    select(0x0b);
    EXPECT_EQ(read(0, 4), 0U);
    select(0x11);
    EXPECT_EQ(data(8), std::string("kernel\0\0", 8));
    select(0x11);
    EXPECT_EQ(read(0, 8), 0x6c65'6e72'656bU) << "bytes in the order of memory";
    select(0x15);
    EXPECT_EQ(data(16), data_.command_line);
}

TEST_F(FwCfgTest, TransfersToMemory) {
    describe(0x11 << 16 | select_and_read, 6, 0x4000'2ffd);
    EXPECT_EQ(transfer(), 1U);
    EXPECT_EQ(control(), 0U);
    EXPECT_EQ(memory(0x4000'2ffc, 8), "\xeekernel\xee");
}

TEST_F(FwCfgTest, ALongTransferTakesSeveralSteps) {
    data_.kernel.assign(300 * KiB, 'k');
    data_.kernel.back() = 'l';
    describe(0x11 << 16 | select_and_read, 300 * KiB, 0x4001'0000);
    EXPECT_GT(transfer(), 3U);
    EXPECT_EQ(control(), 0U);
    EXPECT_EQ(memory(0x4001'0000, 300 * KiB), data_.kernel);
    EXPECT_EQ(memory(0x4001'0000 + 300 * KiB, 1), "\xee");
}

TEST_F(FwCfgTest, ATransferGoesOnWhereTheLastOneEnded) {
    select(0x11);
    describe(skip, 2, 0);
    EXPECT_EQ(transfer(), 1U);
    describe(read_selected, 3, 0x4000'2000);
    EXPECT_EQ(transfer(), 1U);
    EXPECT_EQ(memory(0x4000'2000, 3), "rne");
    EXPECT_EQ(data(1), "l");
}

TEST_F(FwCfgTest, TheAddressMayComeInTwoHalves) {
    describe(0x11 << 16 | select_and_read, 6, 0x4000'2000);
    EXPECT_EQ(write(16, 0, 4), MmioOutcome::Done);
    EXPECT_EQ(write(20, __builtin_bswap32(static_cast<u32>(descriptor)), 4), MmioOutcome::Done);
    EXPECT_EQ(memory(0x4000'2000, 6), "kernel");
}

TEST_F(FwCfgTest, WhatCannotBeDoneIsAnError) {
    describe(0x11 << 16 | select_and_read, 6, 0x3fff'ffff); // not the guest's memory
    EXPECT_EQ(transfer(), 1U);
    EXPECT_EQ(control(), 1U);
    describe(0x11 << 16 | select_and_read, 6, ~u64{0});
    EXPECT_EQ(transfer(), 1U);
    EXPECT_EQ(control(), 1U);
    describe(16, 6, 0x4000'2000); // it cannot be written
    EXPECT_EQ(transfer(), 1U);
    EXPECT_EQ(control(), 1U);
    describe(read_selected, 0xffff'ffff, 0x4001'0000); // ends where memory does
    EXPECT_GT(transfer(), 1U);
    EXPECT_EQ(control(), 1U);
}

TEST_F(FwCfgTest, ADescriptorElsewhereIsIgnored) {
    EXPECT_EQ(transfer(0), 1U);
    EXPECT_EQ(transfer(~u64{0}), 1U);
    describe(select_and_read, 4, 0x4000'2000, 0x4000'0fd0);
    EXPECT_EQ(transfer(0x4000'0ff8), 1U) << "across a page";
}

TEST_F(FwCfgTest, OthersAccessesDoNotEndATransfer) {
    data_.kernel.assign(200 * KiB, 'k');
    describe(0x11 << 16 | select_and_read, 200 * KiB, 0x4001'0000);
    EXPECT_EQ(write(16, __builtin_bswap64(descriptor), 8), MmioOutcome::Again);
    describe(0x11 << 16 | select_and_read, 4, 0x4000'2000, 0x4000'0100);
    EXPECT_EQ(device_.write({.offset = 16, .size = 8, .vcpu = 1}, __builtin_bswap64(0x4000'0100)), MmioOutcome::Done);
    EXPECT_EQ(memory(0x4000'2000, 4), "kkkk");
    transfer();
    EXPECT_EQ(memory(0x4001'0000, 200 * KiB), data_.kernel);
}

TEST_F(FwCfgTest, AccessesOfOtherSizesAreReserved) {
    EXPECT_EQ(write(8, ~u64{0}, 4), MmioOutcome::Done);
    EXPECT_EQ(write(0, ~u64{0}, 8), MmioOutcome::Done);
    EXPECT_EQ(read(8, 2), 0U);
    EXPECT_EQ(read(0xff8, 8), 0U);
}

} // namespace
} // namespace trv::vdev
