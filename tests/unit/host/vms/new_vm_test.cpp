// SPDX-License-Identifier: Apache-2.0
#include "host/vms/description.hpp"
#include "host/vms/new_vm.hpp"
#include "tests/unit/host/fake_machine.hpp"
#include "tests/unit/host/host_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libfdt.h>

namespace trv::host::vms {
namespace {

using contract::manager::Image;
using testing::HasSubstr;

class NewVms : public HostFolder {
  protected:
    tool::machine::VmDescription describe(const std::string& more = "", const std::string& memory = "64MiB") {
        put("root.cpio", "archive");
        const auto vms =
            parse_vms("[vm.a]\nmemory = \"" + memory + "\"\nrootfs = \"root.cpio\"\n" + more, root() / "vms.toml");
        EXPECT_TRUE(vms) << to_string(vms.error());
        return vms->front();
    }
    tool::Result<manager::NewVm> make(const tool::machine::VmDescription& vm) {
        return make_vm(manager_, vm, TRY(read_images(vm, {.root = root()})), {});
    }

    FakeMachine machine_;
    manager::Manager manager_ = *machine_.connect()();
};

TEST_F(NewVms, GetTheHostsOwnKernel) {
    put("boot/Image-of-the-host", image_of(4096));
    std::filesystem::create_symlink("Image-of-the-host", root() / "boot/vmlinuz");
    const auto vm = make(describe("tee = true\ncmdline = \"quiet\"\n"));
    ASSERT_TRUE(vm) << to_string(vm.error());
    const auto& made = machine_.vms.front();
    EXPECT_EQ(made.name, "a");
    EXPECT_TRUE(made.persistent);
    EXPECT_EQ(made.images.at(Image::Kernel), image_of(4096));
    EXPECT_EQ(made.images.at(Image::Ramdisk), "archive");
    const int node = fdt_path_offset(made.tree.data(), "/vm@0");
    ASSERT_GE(node, 0);
    int size = 0;
    const auto* kernel = static_cast<const unsigned char*>(fdt_getprop(made.tree.data(), node, "kernel", &size));
    ASSERT_EQ(size, 16);
    EXPECT_EQ(std::string(kernel, kernel + 16), std::string(14, '\0') + '\x10' + '\0') << "no address, 4096 bytes";
    EXPECT_NE(fdt_getprop(made.tree.data(), node, "tee", nullptr), nullptr);
    const std::string bootargs = static_cast<const char*>(fdt_getprop(made.tree.data(), node, "bootargs", nullptr));
    EXPECT_EQ(bootargs, "console=ttyAMA0 trivisor.mode=shell trivisor.name=a panic=-1 cma=4M quiet");
}

TEST_F(NewVms, AreRefusedWithNumbersAndPlaces) {
    const auto none = make(describe());
    ASSERT_FALSE(none);
    EXPECT_THAT(to_string(none.error()), HasSubstr("no link /boot/vmlinuz"));

    put("vmlinuz", image_of(4096));
    const auto small = make(describe("", "2MiB"));
    ASSERT_FALSE(small);
    EXPECT_THAT(to_string(small.error()), HasSubstr("vms.toml:2:10: vm.a.memory: 2MiB is too little"));

    machine_.free_frames = 40 * 256;
    const auto large = make(describe());
    ASSERT_FALSE(large);
    EXPECT_THAT(to_string(large.error()), HasSubstr("64MiB is too much: 40MiB of the machine are free"));
    EXPECT_TRUE(machine_.vms.empty());

    machine_.free_frames = 1 << 20;
    ASSERT_TRUE(make(describe()));
    const auto again = make(describe());
    ASSERT_FALSE(again);
    EXPECT_THAT(to_string(again.error()), HasSubstr("vm.a: the machine has a VM of this name"));

    put("vmlinuz", "something else, which is as long as the header of an arm64 Image is, or longer");
    EXPECT_THAT(to_string(make(describe()).error()), HasSubstr("is not an arm64 kernel"));
}

} // namespace
} // namespace trv::host::vms
