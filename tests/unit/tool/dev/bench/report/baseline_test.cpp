// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/baseline.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::dev::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Baseline : public testing::Test {
  protected:
    void SetUp() override {
        auto made = TemporaryFolder::create(std::filesystem::temp_directory_path(), "baseline");
        ASSERT_TRUE(made);
        folder_.emplace(*std::move(made));
        ASSERT_TRUE(write_baseline(file(), "one", {{.name = "a", .ns = 100}, {.name = "b", .ns = 1000}}));
    }
    [[nodiscard]] std::filesystem::path file() const { return folder_->path() / "baseline.json"; }

  private:
    std::optional<TemporaryFolder> folder_;
};

TEST_F(Baseline, AllowsTwoPercent) {
    const auto same = compare_with_baseline(file(), "one", {{.name = "a", .ns = 102}, {.name = "b", .ns = 900}});
    ASSERT_TRUE(same);
    EXPECT_THAT(*same, IsEmpty());
}

TEST_F(Baseline, ComplainsOfWhatHasGrown) {
    const auto grown = compare_with_baseline(file(), "one", {{.name = "a", .ns = 102.1}, {.name = "b", .ns = 1000}});
    ASSERT_TRUE(grown);
    EXPECT_THAT(*grown, ElementsAre(HasSubstr("a has grown from 100.0 to 102.1")));
}

TEST_F(Baseline, ComplainsOfWhatOnlyOneSideHas) {
    const auto other = compare_with_baseline(file(), "one", {{.name = "a", .ns = 1}, {.name = "c", .ns = 1}});
    ASSERT_TRUE(other);
    EXPECT_THAT(*other, ElementsAre("c has no baseline", "b was not measured"));
}

TEST_F(Baseline, KeepsOtherSuitesWhenOneIsWritten) {
    ASSERT_TRUE(write_baseline(file(), "two", {{.name = "x", .ns = 7}}));
    EXPECT_THAT(compare_with_baseline(file(), "one", {{.name = "a", .ns = 100}, {.name = "b", .ns = 1000}}).value(),
                IsEmpty());
    EXPECT_THAT(compare_with_baseline(file(), "two", {{.name = "x", .ns = 7}}).value(), IsEmpty());
}

TEST_F(Baseline, AFileThatIsNoJsonIsAnError) {
    ASSERT_TRUE(write_file(file(), "nonsense"));
    EXPECT_FALSE(compare_with_baseline(file(), "one", {}));
    EXPECT_FALSE(compare_with_baseline(file().parent_path() / "absent", "one", {}));
}

} // namespace
} // namespace trv::tool::dev::bench
