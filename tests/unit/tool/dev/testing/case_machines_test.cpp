// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_machines.hpp"
#include "tool/machine/readers/optee_reader.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::dev::testing {
namespace {

constexpr std::string_view with_tee = "[machine]\nmemory = \"2GiB\"\n[vm.a]\nmemory = \"64MiB\"\n"
                                      "kernel = \"guest:checks\"\ntee = true\n";

class CaseMachines : public ::testing::Test {
  protected:
    std::optional<firmware::Optee> optee(std::vector<std::string> words) {
        EXPECT_TRUE(write_file(root.path() / "machines" / "two.toml", with_tee));
        EXPECT_TRUE(write_file(root.path() / "wrong.toml", "[machine]\n"));
        return optee_of({.arguments = std::move(words)}, root.path());
    }

    const TemporaryFolder root = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const firmware::OpteeBuild usual = machine::usual_optee(platform::qemu_virt);
};

TEST_F(CaseMachines, AreNamedOrMeant) {
    EXPECT_EQ(optee({"run", "machines/two.toml", "--exec", "a=true"}), firmware::Optee{usual});
    EXPECT_EQ(optee({"xtest", "--", "-t", "regression"}), firmware::Optee{usual});
    EXPECT_EQ(optee({"bench", "--suite", "tee-call"}), firmware::Optee{machine::secure_optee(platform::qemu_virt)});
    EXPECT_FALSE(optee({"--version"}));
    EXPECT_FALSE(optee({"run", "wrong.toml"}));
    EXPECT_FALSE(optee({"run", "none.toml"}));
}

TEST_F(CaseMachines, CanBeWithoutTheHypervisor) {
    const auto bare = optee({"host", "--bare", "machines/two.toml"});
    ASSERT_TRUE(bare && firmware::source_build(*bare));
    EXPECT_EQ(firmware::source_build(*bare)->vms, 0U);
}

} // namespace
} // namespace trv::tool::dev::testing
