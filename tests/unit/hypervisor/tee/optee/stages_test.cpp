// SPDX-License-Identifier: Apache-2.0
// The table of stages by itself. That calls keep to it is asserted at each step, so all other tests show it.

#include "tee/optee/call/stages.hpp"

#include <gtest/gtest.h>

#include <set>

namespace trv::tee::optee {
namespace {

std::set<Stage> reachable_from(Stage first) {
    std::set<Stage> found{first};
    for (std::size_t before = 0; before != found.size();) {
        before = found.size();
        for (const StageRow& row : stages::table) {
            for (const Stage stage : std::set(found)) {
                if (may_follow(row.stage, stage)) {
                    found.insert(row.stage);
                }
            }
        }
    }
    return found;
}

TEST(Stages, AllAreReached) {
    EXPECT_EQ(reachable_from(Stage::Locate).size(), std::size(stages::table));
}

TEST(Stages, AllLeadToTheEnd) {
    for (const StageRow& row : stages::table) {
        EXPECT_TRUE(reachable_from(row.stage).contains(Stage::Finish)) << static_cast<int>(row.stage);
    }
    EXPECT_EQ(reachable_from(Stage::Finish).size(), 1U);
}

TEST(Stages, NoneThatOpteeHasTheCallInNeedsAGuest) {
    for (const Stage stage : {Stage::EnterMain, Stage::Reenter, Stage::Returned, Stage::Complete, Stage::Finish}) {
        EXPECT_FALSE(needs_guest(stage)) << static_cast<int>(stage);
    }
}

TEST(Stages, NoneIsSkippedOnTheWay) {
    EXPECT_FALSE(may_follow(Stage::EnterMain, Stage::Locate));
    EXPECT_FALSE(may_follow(Stage::EnterMain, Stage::Housekeep));
    EXPECT_FALSE(may_follow(Stage::EnterMain, Stage::Returned)) << "an invocation is not repeated";
    EXPECT_FALSE(may_follow(Stage::Finish, Stage::Returned)) << "its result would be lost";
}

} // namespace
} // namespace trv::tee::optee
