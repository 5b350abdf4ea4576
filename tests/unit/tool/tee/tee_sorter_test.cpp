// SPDX-License-Identifier: Apache-2.0
#include "tool/tee/tee_sorter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::tool::tee {
namespace {

/// A sorter, and what it said: "VM: line".
struct Sorted {
    explicit Sorted(std::optional<std::string> only_vm = std::nullopt)
        : sorter(std::move(only_vm),
                 [this](const std::string& vm, const std::string& line) { lines.push_back(vm + ": " + line); }) {}

    std::vector<std::string> lines;
    TeeSorter sorter;
};

using Lines = std::vector<std::string>;

TEST(TeeSorter, GoesByTheNumberInTheLine) {
    Sorted sorted;
    sorted.sorter.on_guest(1, "alpha");
    sorted.sorter.on_guest(2, "beta");
    for (const char* const line : {"D/TC:2 ? 0 b", "D/TC:1 ? 0 a", "D/TC:0 1 none", "I/TA: whose", "PANIC"}) {
        sorted.sorter.on_line(line);
    }
    EXPECT_EQ(sorted.lines, (Lines{"beta: D/TC:2 ? 0 b", "alpha: D/TC:1 ? 0 a"}));
}

TEST(TeeSorter, HoldsLinesUntilTheirNumberIsTold) {
    Sorted sorted;
    sorted.sorter.on_line("D/TC:3 ? 0 first");
    sorted.sorter.on_line("D/TC:4 ? 0 other");
    sorted.sorter.on_line("D/TC:3 ? 0 second");
    EXPECT_EQ(sorted.lines, Lines{});
    sorted.sorter.on_guest(3, "alpha");
    EXPECT_EQ(sorted.lines, (Lines{"alpha: D/TC:3 ? 0 first", "alpha: D/TC:3 ? 0 second"}));
}

TEST(TeeSorter, ANumberThatIsNeverToldKeepsNoLineOfOthers) {
    Sorted sorted;
    for (int i = 0; i < 2000; ++i) {
        sorted.sorter.on_line("D/TC:77 ? 0 forged");
    }
    sorted.sorter.on_line("D/TC:3 ? 0 first");
    sorted.sorter.on_guest(3, "alpha");
    EXPECT_EQ(sorted.lines, Lines{"alpha: D/TC:3 ? 0 first"});
}

TEST(TeeSorter, ANewNumberIsTheSameVms) {
    Sorted sorted;
    sorted.sorter.on_guest(1, "alpha");
    sorted.sorter.on_guest(2, "alpha");
    sorted.sorter.on_line("D/TC:1 ? 0 its end");
    sorted.sorter.on_line("D/TC:2 ? 0 its next life");
    EXPECT_EQ(sorted.lines, (Lines{"alpha: D/TC:1 ? 0 its end", "alpha: D/TC:2 ? 0 its next life"}));
}

TEST(TeeSorter, ApplicationsOfTheOnlyVmAreKnown) {
    Sorted sorted("alpha");
    for (const char* const line : {"I/TA: mine", "E/LD: loader", "D/TC:0 1 none", "I/TC: core"}) {
        sorted.sorter.on_line(line);
    }
    EXPECT_EQ(sorted.lines, (Lines{"alpha: I/TA: mine", "alpha: E/LD: loader"}));
}

} // namespace
} // namespace trv::tool::tee
