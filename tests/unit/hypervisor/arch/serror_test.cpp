// SPDX-License-Identifier: Apache-2.0
#include "arch/serror.hpp"

#include <gtest/gtest.h>

namespace trv::arch {
namespace {

constexpr u64 serror_class = u64{0x2f} << 26 | bit(25);

TEST(SError, OnlyWhatRasCallsHarmlessIsHarmless) {
    constexpr u64 ras = serror_class | 0x11;
    EXPECT_EQ(effect_of_error(ras | 6 << 10), ErrorEffect::None) << "corrected";
    EXPECT_EQ(effect_of_error(ras | 2 << 10), ErrorEffect::None) << "restartable";
    EXPECT_EQ(effect_of_error(ras | 1 << 10), ErrorEffect::Fatal) << "unrecoverable";
    EXPECT_EQ(effect_of_error(ras | 3 << 10), ErrorEffect::Fatal)
        << "recoverable, by software that Trivisor does not have";
    EXPECT_EQ(effect_of_error(ras), ErrorEffect::Fatal) << "0xbe000011: a Cortex-A76 whose access the bus refused";
    EXPECT_EQ(effect_of_error(serror_class | 6 << 10), ErrorEffect::Fatal)
        << "the status code says that it is none of RAS";
    EXPECT_EQ(effect_of_error(serror_class | bit(24) | 6 << 10 | 0x11), ErrorEffect::Fatal) << "implementation defined";
    EXPECT_EQ(effect_of_error(0xbf00'0002), ErrorEffect::Fatal) << "a Cortex-A57 whose access the bus refused";
}

TEST(SError, TheGuestSeesTheSyndromeWithoutItsClass) {
    EXPECT_EQ(guest_error_syndrome(0xbf00'0002), 0x100'0002U);
    EXPECT_EQ(guest_error_syndrome(0xff'0000'be00'0011), 0x11U);
}

} // namespace
} // namespace trv::arch
