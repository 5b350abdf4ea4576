// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/trace_fetch.hpp"

#include <gtest/gtest.h>

namespace trv::tool::trace {
namespace {

TEST(TraceFetch, AsksAtItsBeginningAndNotAgainWhileADumpIsInProgress) {
    TraceFetch fetch{"trace.json", {"alpha"}, true};
    EXPECT_FALSE(fetch.next_dump().is_set()) << "the monitor does not answer yet";
    fetch.begin();
    EXPECT_TRUE(fetch.next_dump().passed());
    fetch.next_dump().clear(); // as the loop does
    fetch.begin();
    EXPECT_FALSE(fetch.next_dump().is_set());
}

TEST(TraceFetch, NeverAsksWhenNoTraceIsWanted) {
    TraceFetch fetch{"trace.json", {"alpha"}, false};
    fetch.begin();
    EXPECT_FALSE(fetch.next_dump().is_set());
}

} // namespace
} // namespace trv::tool::trace
