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
    EXPECT_THAT(mistake(vm + "rootfs = \"demo\"\n"), HasSubstr("only ./trivisor has"));
    EXPECT_THAT(mistake(vm + "devices = \"all\"\n"), HasSubstr("are the host's"));
    EXPECT_THAT(mistake(vm + "on_crash = \"halt-machine\"\n"), HasSubstr("vm.a.on_crash"));
    EXPECT_THAT(mistake(vm + "on_reboot = \"halt-machine\"\n"), HasSubstr("vm.a.on_reboot"));
    EXPECT_THAT(mistake(vm + "rootfs = \"nowhere\"\n"), HasSubstr("vms.toml:3:10"));
    EXPECT_THAT(mistake(vm + "memry = 1\n"), HasSubstr("memory"));
    EXPECT_THAT(mistake("[vms.a]\n"), HasSubstr("vm"));
    EXPECT_THAT(mistake(""), HasSubstr("[vm.NAME]"));
}

constexpr std::string_view qcow2 = "QFI\xfb and more";

TEST_F(VmDescriptions, DisksAreImagesOrTables) {
    const auto root_image = put("root.img", "x");
    const auto data = put("data.qcow2", std::string{qcow2});
    const auto other = put("other", std::string{qcow2});
    const auto vms = parse_vms("[vm.a]\nmemory = \"64MiB\"\ndisk = \"root.img\"\n"
                               "[vm.b]\nmemory = \"64MiB\"\nrootfs = \"root.img\"\ndisk = [\"data.qcow2\", "
                               "{ image = \"other\", format = \"qcow2\", read_only = true }]\n",
                               root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    ASSERT_EQ(vms->at(0).disks.size(), 1U);
    EXPECT_EQ(vms->at(0).disks[0].image, root_image);
    EXPECT_EQ(vms->at(0).disks[0].format, tool::machine::DiskFormat::Raw);
    EXPECT_TRUE(vms->at(0).boots_from_disk()) << "as nothing else is named";
    ASSERT_EQ(vms->at(1).disks.size(), 2U);
    EXPECT_FALSE(vms->at(1).boots_from_disk());
    EXPECT_EQ(vms->at(1).disks[0].image, data);
    EXPECT_EQ(vms->at(1).disks[0].format, tool::machine::DiskFormat::Qcow2);
    EXPECT_FALSE(vms->at(1).disks[0].read_only);
    EXPECT_EQ(vms->at(1).disks[1].image, other);
    EXPECT_EQ(vms->at(1).disks[1].format, tool::machine::DiskFormat::Qcow2);
    EXPECT_TRUE(vms->at(1).disks[1].read_only);
}

TEST_F(VmDescriptions, DisksThatCannotBeServedAreRefusedWithTheirPlaces) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    put("root.img", "x");
    put("disguised.img", std::string{qcow2});
    put("not.qcow2", "x");
    put("a,b.img", "x");
    EXPECT_THAT(mistake(vm + "disk = \"none.img\"\n"), HasSubstr("vms.toml:3:8: vm.a.disk: no such image"));
    EXPECT_THAT(mistake(vm + "disk = 1\n"), HasSubstr("vms.toml:3:8: vm.a.disk: must be a string or a table"));
    EXPECT_THAT(mistake(vm + "disk = [\"root.img\", 2]\n"), HasSubstr("must be a string or a table"));
    EXPECT_THAT(mistake(vm + "disk = { format = \"raw\" }\n"), HasSubstr("vm.a.disk.image: is missing"));
    EXPECT_THAT(mistake(vm + "disk = { image = \"root.img\", bus = 1 }\n"), HasSubstr("unknown key"));
    EXPECT_THAT(mistake(vm + "disk = { image = \"root.img\", format = \"vmdk\" }\n"), HasSubstr("raw, qcow2"));
    EXPECT_THAT(mistake(vm + "disk = \"disguised.img\"\n"), HasSubstr("looks like a qcow2 image"))
        << "what a VM wrote there decides nothing";
    EXPECT_THAT(mistake(vm + "disk = \"not.qcow2\"\n"), HasSubstr("is not a qcow2 image"));
    EXPECT_THAT(mistake(vm + "disk = \"a,b.img\"\n"), HasSubstr("a comma"));
    EXPECT_THAT(mistake(vm + "disk = [\"root.img\", \"root.img\"]\n"), HasSubstr("is the image of two disks"));
    EXPECT_THAT(mistake(vm + "kernel = \"disk\"\n"), HasSubstr("the VM has none"));
    EXPECT_THAT(mistake(vm + "disk = { image = \"disguised.img\", format = \"qcow2\" }\n"), HasSubstr("raw image"))
        << "its kernel is on it";
    std::string many = "disk = [";
    for (unsigned index = 0; index < 9; ++index) {
        const auto name = "d" + std::to_string(index) + ".img";
        put(name, "x");
        many += "\"" + name + "\",";
    }
    EXPECT_THAT(mistake(vm + many + "]\n"), HasSubstr("has 9 disks"));
}

TEST_F(VmDescriptions, AFileThatIsNotThere) {
    const auto vms = read_vms(root() / "none.toml");
    ASSERT_FALSE(vms);
    EXPECT_EQ(exit_code(vms.error()), 2);
}

} // namespace
} // namespace trv::host::vms
