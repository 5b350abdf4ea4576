// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/gdb.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::tool::ta {
namespace {

TEST(Gdb, LearnsWhatItDebugsAndHowToReachTheMachine) {
    const GdbTask task{.run_folder = "run",
                       .optee = {.core = "tee.elf", .loader = "ldelf.elf", .source = "source"},
                       .ta = "ta.elf",
                       .uuid = "8aaaf200-2450-11e4-abe2-0002a5d5c51b",
                       .guest = 2};
    const auto settings = nlohmann::json::parse(Gdb::settings(task, 5, 6));
    EXPECT_EQ(settings["socket"], "/proc/self/fd/5/gdb.sock");
    EXPECT_EQ(settings["channel"], 6);
    EXPECT_EQ(settings["core"], "tee.elf");
    EXPECT_EQ(settings["ta"], "ta.elf");
    EXPECT_EQ(settings["guest"], 2);
    EXPECT_EQ(settings["batch"], "");
}

} // namespace
} // namespace trv::tool::ta
