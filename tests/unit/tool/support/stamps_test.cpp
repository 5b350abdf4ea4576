// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/support/stamps.hpp"

#include <gtest/gtest.h>

namespace trv::tool {
namespace {

class StampsFolder : public testing::Test {
  protected:
    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Stamps stamps_{folder_.path() / "stamps"};
    std::filesystem::path output_ = folder_.path() / "output";
};

TEST_F(StampsFolder, AStepIsFreshOnlyAfterItWasRecorded) {
    EXPECT_FALSE(stamps_.fresh("kernel trixie/x", "inputs", {}));
    ASSERT_TRUE(stamps_.record("kernel trixie/x", "inputs"));
    EXPECT_TRUE(stamps_.fresh("kernel trixie/x", "inputs", {}));
    EXPECT_FALSE(stamps_.fresh("kernel trixie/y", "inputs", {}));
}

TEST_F(StampsFolder, OtherInputsMakeItStale) {
    ASSERT_TRUE(stamps_.record("step", "inputs"));
    EXPECT_FALSE(stamps_.fresh("step", "others", {}));
}

TEST_F(StampsFolder, AMissingOutputMakesItStale) {
    ASSERT_TRUE(stamps_.record("step", "inputs"));
    EXPECT_FALSE(stamps_.fresh("step", "inputs", {output_}));
    ASSERT_TRUE(write_file(output_, ""));
    EXPECT_TRUE(stamps_.fresh("step", "inputs", {output_}));
}

} // namespace
} // namespace trv::tool
