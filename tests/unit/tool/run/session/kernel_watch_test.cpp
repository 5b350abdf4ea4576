// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/kernel_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::run {
namespace {

using Word = KernelWatch::Word;

TEST(KernelWatch, KnowsWhatAKernelSaysOfItsEnd) {
    KernelWatch watch;
    watch.on_line("[    1.0] Run /init as init process");
    EXPECT_EQ(watch.word(), Word::None);
    watch.on_line("[    2.5] Kernel panic - not syncing: No working init found.");
    EXPECT_EQ(watch.word(), Word::Panic);
    EXPECT_EQ(watch.panic(), "Kernel panic - not syncing: No working init found.");
    watch.on_line("[    2.6] ---[ end Kernel panic - not syncing: No working init found. ]---");
    EXPECT_EQ(watch.panic(), "Kernel panic - not syncing: No working init found.");
    watch.forget();
    EXPECT_EQ(watch.word(), Word::None);
    watch.on_line("[    9.0] reboot: Restarting system");
    EXPECT_EQ(watch.word(), Word::Restart);
}

TEST(KernelWatch, APanicAfterAnAnnouncedRestartIsAPanic) {
    KernelWatch watch;
    watch.on_line("reboot: Restarting system");
    watch.on_line("Kernel panic - not syncing: late");
    EXPECT_EQ(watch.word(), Word::Panic);
}

TEST(KernelWatch, KeepsTheLinesAroundAPanic) {
    KernelWatch watch;
    for (int line = 0; line < 100; ++line) {
        watch.on_line("before " + std::to_string(line));
    }
    EXPECT_EQ(watch.last_lines().size(), 10U);
    watch.on_line("Kernel panic - not syncing: here");
    for (int line = 0; line < 100; ++line) {
        watch.on_line("after " + std::to_string(line));
    }
    const auto lines = watch.last_lines();
    ASSERT_EQ(lines.size(), 40U);
    EXPECT_EQ(lines.front(), "before 90");
    EXPECT_EQ(lines[10], "Kernel panic - not syncing: here");
    EXPECT_EQ(lines.back(), "after 28");
}

} // namespace
} // namespace trv::tool::run
