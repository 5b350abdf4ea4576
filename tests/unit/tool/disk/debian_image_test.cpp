// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/debian_image.hpp"
#include "tool/disk/machine_disks.hpp"
#include "tool/support/files.hpp"

#include <gtest/gtest.h>

namespace trv::tool::disk {
namespace {

TEST(DebianImage, CountsWhatDpkgSays) {
    EXPECT_EQ(count_installed(""), 0U);
    EXPECT_EQ(count_installed("x\r\nSetting up a (1) ...\r\ny\r\nSetting up b (1) ...\r\n"), 2U);
}

/// A checkout of its own.
class Disks : public testing::Test {
  protected:
    Disks()
        : folder_{*TemporaryFolder::create(std::filesystem::temp_directory_path(), "disks")},
          context_{.paths = Paths{folder_.path()}} {}

    machine::MachineDescription machine(const std::string& content) {
        const auto file = folder_.path() / "own.img";
        EXPECT_TRUE(write_file(file, content));
        machine::MachineDescription machine;
        machine.disks = {{.image = file.string(), .bus = platform::DiskBus::Nvme, .place = {.place = "m.toml:3:9"}}};
        return machine;
    }

    TemporaryFolder folder_;
    Context context_;
};

TEST_F(Disks, AreThoseOfTheDescription) {
    const auto opened = open_disks(context_, machine("raw"), {});
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->disks.at(0).file, folder_.path() / "own.img");
    EXPECT_EQ(opened->disks.at(0).bus, platform::DiskBus::Nvme);
    EXPECT_TRUE(opened->disks.at(0).raw);
    EXPECT_FALSE(open_disks(context_, machine("QFI\xfb"), {})->disks.at(0).raw);
}

TEST_F(Disks, BelongToOneRunAtATime) {
    const auto described = machine("raw");
    const auto first = open_disks(context_, described, {});
    const auto second = open_disks(context_, described, {});
    ASSERT_FALSE(second);
    EXPECT_TRUE(to_string(second.error())
                    .starts_with("m.toml:3:9: " + (folder_.path() / "own.img").string() +
                                 " is the disk of a machine that is running. End that run"));
}

TEST_F(Disks, OfTheToolAreKeptInTheBuild) {
    EXPECT_EQ(kept_disk(context_.paths, "debian:trixie"), folder_.path() / "build/disks/debian-trixie.img");
}

} // namespace
} // namespace trv::tool::disk
