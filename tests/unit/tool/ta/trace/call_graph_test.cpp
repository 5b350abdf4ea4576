// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/trace/call_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CallGraph, TakesFilesApart) {
    EXPECT_THAT(files_of_base64("Zmly\nc3Q=\n\nc2Vjb25k\n\n").value(), ElementsAre("first", "second"));
    EXPECT_THAT(files_of_base64("\n\nb25l").value(), ElementsAre("one"));
    EXPECT_THAT(files_of_base64("").value(), ElementsAre());
}

TEST(CallGraph, RefusesWhatIsNotBase64) {
    const auto files = files_of_base64("Zmly\nbase64: can't open\n\n");
    ASSERT_FALSE(files);
    EXPECT_THAT(to_string(files.error()), HasSubstr("base64: can't open"));
}

} // namespace
} // namespace trv::tool::ta
