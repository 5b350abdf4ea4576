// SPDX-License-Identifier: Apache-2.0
// The manual page and the completion that the package has are those of the definitions. TRIVISOR_WRITE_PAGES=1 writes them.

#include "host/commands/definitions.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace trv::host::commands {
namespace {

class PackagePages : public testing::Test {
  protected:
    void SetUp() override { define_commands(app_, action_); }

    static void compare(const std::string& file, const std::string& wanted) {
        const auto path = std::filesystem::path{TRIVISOR_SOURCE} / "host" / "package" / "usr" / "share" / file;
        if (std::getenv("TRIVISOR_WRITE_PAGES") != nullptr) {
            ASSERT_TRUE(tool::write_file(path, wanted));
        }
        EXPECT_EQ(tool::read_file(path).value_or("missing"), wanted) << "run the test with TRIVISOR_WRITE_PAGES=1";
    }

    CLI::App app_;
    Action action_;
};

TEST_F(PackagePages, Manual) {
    compare("man/man1/trivisorctl.1", manual_page(app_));
}

TEST_F(PackagePages, Completion) {
    compare("bash-completion/completions/trivisorctl", completion_script(app_, "bash"));
}

} // namespace
} // namespace trv::host::commands
