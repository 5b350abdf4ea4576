// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/place_in_code.hpp"

#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

PanicReport report(std::initializer_list<const char*> lines) {
    PanicReport panic;
    for (const char* line : lines) {
        panic.take(line);
    }
    return panic;
}

TEST(PanicReport, ReadsCodeAndCallStack) {
    const auto panic = report(
        {"E/TC:1 ? 0 TA panicked with code 0x77", "E/LD:  Status of TA 8aaaf200-2450-11e4-abe2-0002a5d5c51b",
         "E/LD:  region  8: va 0x4004e000 pa 0x0e312000 size 0x01a000 flags r-xs [0]",
         "E/LD:   [0] 8aaaf200-2450-11e4-abe2-0002a5d5c51b @ 0x4004e000", "E/LD:  Call stack:", "E/LD:   0x40053ddc",
         "E/LD:   0x4004e20c", "D/TC:1 ? 0 user_ta_enter:195 tee_user_ta_enter: TA panicked with code 0x77"});
    EXPECT_EQ(panic.what(), "panicked with code 0x77");
    EXPECT_EQ(panic.offsets(), (std::vector<std::uint64_t>{0x5ddc, 0x20c}));
}

TEST(PanicReport, ReadsFaults) {
    EXPECT_EQ(report({"E/TC:1 ? 0 User mode data-abort at address 0x4 (translation fault)"}).what(),
              "was killed by a fault: User mode data-abort at address 0x4 (translation fault)");
    EXPECT_FALSE(report({"I/TA: all is well"}).panicked());
}

TEST(CrashOffset, IsInTheKernelsLine) {
    EXPECT_EQ(
        crash_offset("[  113.006545] Bad[166]: unhandled exception: DABT (lower EL), ESR 0x0000000092000044, level 0 "
                     "translation fault in Bad[a00,aaaadc1e1000+1000]"),
        0xa00U);
    EXPECT_FALSE(crash_offset("Segmentation fault"));
}

} // namespace
} // namespace trv::tool::ta
