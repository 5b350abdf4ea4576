// SPDX-License-Identifier: Apache-2.0
#include "tool/options/image_config.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::options {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// A checkout with this one's options.
class ImageConfig : public testing::Test {
  protected:
    void SetUp() override {
        const std::filesystem::path here = TRIVISOR_SOURCE;
        std::filesystem::create_directory(root_.path() / "cmake");
        std::filesystem::copy(here / "Kconfig", root_.path());
        std::filesystem::copy(here / "cmake/make_options.py", root_.path() / "cmake");
        std::filesystem::copy(here / "configs", root_.path() / "configs");
    }
    std::filesystem::path write(const std::string& text) {
        auto file = root_.path() / "mine";
        EXPECT_TRUE(write_file(file, text));
        return file;
    }
    std::string refusal(const std::string& text) {
        const auto chosen = choose_config(paths_, write(text).string());
        return chosen ? "accepted" : to_string(chosen.error());
    }

    TemporaryFolder root_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Paths paths_{root_.path()};
};

TEST_F(ImageConfig, TheDefaultsAreInForceUntilOthersAreChosen) {
    EXPECT_EQ(config_in_force(paths_), root_.path() / "configs/default");
    EXPECT_THAT(*options_in_force(paths_), HasSubstr("OPTEE=y "));
    ASSERT_TRUE(choose_config(paths_, "no-tee"));
    EXPECT_EQ(config_in_force(paths_), root_.path() / ".config");
    EXPECT_EQ(*find_config(paths_, ""), root_.path() / ".config");
    EXPECT_THAT(*options_in_force(paths_), HasSubstr("OPTEE=n "));
    EXPECT_THAT(other_configs(paths_), AllOf(Contains("default"), Not(Contains("no-tee"))));
}

TEST_F(ImageConfig, EveryConfigurationOfTheCheckoutIsAccepted) {
    for (const auto& name : known_configs(paths_)) {
        EXPECT_TRUE(choose_config(paths_, name)) << name;
    }
    EXPECT_THAT(known_configs(paths_), Contains("minimal"));
}

TEST_F(ImageConfig, AMistakeInANameIsUnderstood) {
    const auto found = find_config(paths_, "minimla");
    ASSERT_FALSE(found);
    EXPECT_EQ(exit_code(found.error()), 2);
    EXPECT_THAT(to_string(found.error()), HasSubstr("Did you mean 'minimal'?"));
}

TEST_F(ImageConfig, OptionsThatDoNotExistOrDoNotFitAreRefused) {
    EXPECT_THAT(refusal("CONFIG_OPTE=y\n"), HasSubstr("undefined symbol OPTE"));
    EXPECT_THAT(refusal("CONFIG_MAX_CPUS=9\n"), HasSubstr("MAX_CPUS"));
    EXPECT_EQ(refusal("CONFIG_MAX_CPUS=4\n"), "accepted");
    EXPECT_EQ(config_in_force(paths_), root_.path() / ".config");
}

} // namespace
} // namespace trv::tool::options
