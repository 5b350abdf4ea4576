// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/bring_package.hpp"

#include <gtest/gtest.h>

namespace trv::tool::disk {
namespace {

TEST(BringPackage, KnowsWhatIsInstalled) {
    const std::string status = "Package: kmod\nStatus: install ok installed\nVersion: 34\n\n"
                               "Package: trivisor-host\nStatus: install ok installed\nVersion: 0.2.0+12345678\n\n"
                               "Package: half\nStatus: install ok half-configured\nVersion: 1\n\n"
                               "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n";
    EXPECT_EQ(installed_version(status, "trivisor-host"), "0.2.0+12345678");
    EXPECT_FALSE(installed_version(status, "half"));
    EXPECT_FALSE(installed_version(status, "gone"));
    EXPECT_FALSE(installed_version(status, "trivisor"));
    EXPECT_FALSE(installed_version("", "kmod"));
}

} // namespace
} // namespace trv::tool::disk
