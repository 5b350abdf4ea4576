// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/boot_files.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trv::tool::disk {
namespace {

TEST(BootFiles, FindTheRootInFstab) {
    EXPECT_EQ(root_in_fstab("# / is\n#x / ext4\nproc /proc proc\nLABEL=host-root / ext4 errors=remount-ro 0 1\n"),
              "LABEL=host-root");
    EXPECT_EQ(root_in_fstab("UUID=1\t/\text4"), "UUID=1");
    EXPECT_EQ(root_in_fstab("UUID=1 /boot ext4\n\n"), std::nullopt);
}

TEST(BootFiles, FollowLinks) {
    EXPECT_EQ(link_target("Inode: 12   Type: symlink\nFast link dest: \"boot/vmlinuz-6.12\"\n"), "boot/vmlinuz-6.12");
    EXPECT_EQ(link_target("Inode: 12   Type: regular\nEXTENTS:\n(0): 9\n"), std::nullopt);
}

/// A disk without a partition table, whose root file system has these files.
class Disk : public testing::Test {
  protected:
    Disk() : folder_{*TemporaryFolder::create(std::filesystem::temp_directory_path(), "disk")} {}

    void add(const std::string& file, const std::string& content) {
        EXPECT_TRUE(write_file(folder_.path() / "root" / file, content));
    }
    void link(const std::string& file, const std::string& target) {
        std::filesystem::create_symlink(target, folder_.path() / "root" / file);
    }
    Result<BootFiles> take() {
        const auto image = folder_.path() / "disk.img";
        EXPECT_TRUE(run_checked(
            "test", {.arguments = {"/sbin/mke2fs", "-q", "-t", "ext4", "-d", folder_.path() / "root", image, "8M"}}));
        EXPECT_TRUE(make_folder(folder_.path() / "out"));
        return take_boot_files(image, folder_.path() / "out");
    }
    std::string refusal() {
        const auto taken = take();
        return taken ? "taken" : to_string(taken.error());
    }

    TemporaryFolder folder_;
    std::string kernel_ = std::string(0x38, 'k') + "ARM\x64" + std::string(100, 'k');
};

TEST_F(Disk, GivesTheNewestKernelAndItsRamDisk) {
    add("etc/fstab", "LABEL=host-root / ext4\n");
    add("boot/vmlinuz-1", "old");
    add("boot/vmlinuz-2", kernel_);
    add("boot/initrd.img-2", "ram disk");
    link("vmlinuz", "boot/vmlinuz-2");
    link("initrd.img", "/boot/initrd.img-2");
    const auto taken = take();
    ASSERT_TRUE(taken) << to_string(taken.error());
    EXPECT_EQ(read_file(taken->kernel), kernel_);
    EXPECT_EQ(read_file(taken->ramdisk), "ram disk");
    EXPECT_EQ(taken->root, "LABEL=host-root");
}

TEST_F(Disk, IsRefusedIfItCannotBoot) {
    add("etc/hostname", "host\n");
    EXPECT_NE(refusal().find("fstab does not name the root"), std::string::npos);
    add("etc/fstab", "LABEL=host-root / ext4\n");
    EXPECT_NE(refusal().find("has no /vmlinuz"), std::string::npos);
    add("vmlinuz", "text");
    add("initrd.img", "ram disk");
    EXPECT_NE(refusal().find("is not an arm64 kernel"), std::string::npos);
}

} // namespace
} // namespace trv::tool::disk
