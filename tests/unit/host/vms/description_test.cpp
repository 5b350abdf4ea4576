// SPDX-License-Identifier: Apache-2.0
#include "host/vms/description.hpp"
#include "tests/unit/host/host_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::host::vms {
namespace {

using testing::HasSubstr;

class VmDescriptions : public HostFolder {
  protected:
    std::string mistake(const std::string& text) {
        const auto vms = parse_vms(text, root() / "vms.toml");
        return vms ? "none" : to_string(vms.error());
    }
};

TEST_F(VmDescriptions, PathsAreRelativeToTheFile) {
    const auto rootfs = put("root.cpio", "x");
    const auto kernel = put("Image", "x");
    const auto vms = parse_vms("[vm.b]\nmemory = \"64MiB\"\nrootfs = \"root.cpio\"\ntee = true\n"
                               "[vm.a]\nmemory = \"64MiB\"\nkernel = \"Image\"\nvcpus = 2\n",
                               root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    ASSERT_EQ(vms->size(), 2U);
    EXPECT_EQ(vms->at(0).name, "b");
    EXPECT_EQ(vms->at(0).rootfs, rootfs);
    EXPECT_EQ(vms->at(0).kernel, "") << "the host's own";
    EXPECT_TRUE(vms->at(0).tee);
    EXPECT_EQ(vms->at(1).kernel, kernel);
}

TEST_F(VmDescriptions, WhatOnlyTheToolHasIsRefusedWithItsPlace) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    EXPECT_THAT(mistake("[machine]\ncpus = 2\n" + vm), HasSubstr("vms.toml:1:1: machine: describes a machine"));
    EXPECT_THAT(mistake(vm + "kernel = \"debian:trixie\"\n"), HasSubstr("vms.toml:3:10: vm.a.kernel: debian:trixie"));
    EXPECT_THAT(mistake(vm + "kernel = \"guest:checks\"\n"), HasSubstr("only ./trivisor has"));
    EXPECT_THAT(mistake(vm + "kernel = \"disk\"\n"), HasSubstr("only ./trivisor has"));
    EXPECT_THAT(mistake(vm + "rootfs = \"demo\"\n"), HasSubstr("only ./trivisor has"));
    EXPECT_THAT(mistake(vm + "devices = \"all\"\n"), HasSubstr("are the host's"));
    EXPECT_THAT(mistake(vm + "on_crash = \"halt-machine\"\n"), HasSubstr("vm.a.on_crash"));
    EXPECT_THAT(mistake(vm + "on_reboot = \"halt-machine\"\n"), HasSubstr("vm.a.on_reboot"));
    EXPECT_THAT(mistake(vm + "rootfs = \"nowhere\"\n"), HasSubstr("vms.toml:3:10"));
    EXPECT_THAT(mistake(vm + "memry = 1\n"), HasSubstr("memory"));
    EXPECT_THAT(mistake("[vms.a]\n"), HasSubstr("vm"));
    EXPECT_THAT(mistake(""), HasSubstr("[vm.NAME]"));
}

TEST_F(VmDescriptions, AFileThatIsNotThere) {
    const auto vms = read_vms(root() / "none.toml");
    ASSERT_FALSE(vms);
    EXPECT_EQ(exit_code(vms.error()), 2);
}

} // namespace
} // namespace trv::host::vms
