// SPDX-License-Identifier: Apache-2.0
#include "host/devices/boot_disk.hpp"
#include "tests/unit/host/host_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

namespace trv::host::devices {
namespace {

using testing::HasSubstr;

/// What a program that looked into a VM's disk has left.
class BootFilesOfADisk : public HostFolder {
  protected:
    BootFilesOfADisk() {
        put("left/kernel", "image");
        put("left/initramfs", "archive");
        put("left/root", "LABEL=vm-root");
        std::filesystem::create_directory(root() / "taken");
    }
    std::string mistake() {
        const auto files = adopt_boot_files(root() / "left", root() / "taken");
        return files ? "none" : to_string(files.error());
    }
    void replace(const std::string& name, const std::function<void(const std::filesystem::path&)>& make) {
        std::filesystem::remove(root() / "left" / name);
        make(root() / "left" / name);
    }
};

TEST_F(BootFilesOfADisk, AreTaken) {
    const auto files = adopt_boot_files(root() / "left", root() / "taken");
    ASSERT_TRUE(files) << to_string(files.error());
    EXPECT_EQ(tool::read_file(files->kernel), "image");
    EXPECT_EQ(tool::read_file(files->ramdisk), "archive");
    EXPECT_EQ(files->root, "LABEL=vm-root");
    EXPECT_EQ(files->kernel.parent_path(), root() / "taken") << "where the other program cannot change it";
}

TEST_F(BootFilesOfADisk, AreNotOtherFilesOfTheHosts) {
    const auto secret = put("secret", "of the host");
    for (const char* name : {"kernel", "initramfs", "root"}) {
        replace(name, [&](const auto& at) { std::filesystem::create_symlink(secret, at); });
        EXPECT_THAT(mistake(), HasSubstr("is not an ordinary file")) << name;
        for (const char* each : {"kernel", "initramfs", "root"}) {
            std::filesystem::remove(root() / "taken" / each);
        }
        put("left/kernel", "image");
        put("left/initramfs", "archive");
        put("left/root", "LABEL=vm-root");
    }
    replace("kernel", [&](const auto& at) { std::filesystem::create_hard_link(secret, at); });
    EXPECT_THAT(mistake(), HasSubstr("is not an ordinary file"));
    std::filesystem::remove(root() / "taken" / "kernel");
    replace("kernel", [](const auto& at) { EXPECT_EQ(::mkfifo(at.c_str(), 0600), 0); });
    EXPECT_THAT(mistake(), HasSubstr("is not an ordinary file")) << "which would never end";
    std::filesystem::remove(root() / "taken" / "kernel");
    EXPECT_THAT(mistake(), HasSubstr("cannot be taken")) << "it is missing";
}

TEST_F(BootFilesOfADisk, NameADevice) {
    for (const std::string text : {std::string{}, std::string{"a b"}, std::string{"a\nb"}, std::string(201, 'x')}) {
        put("left/kernel", "image");
        put("left/initramfs", "archive");
        put("left/root", text);
        EXPECT_THAT(mistake(), HasSubstr("does not name a device")) << text;
    }
}

} // namespace
} // namespace trv::host::devices
