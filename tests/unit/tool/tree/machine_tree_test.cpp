// SPDX-License-Identifier: Apache-2.0
#include "tool/tree/machine_tree.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <array>

namespace trv::tool::tree {
namespace {

/// A tree like QEMU's: some hardware, and a /chosen that has something in it.
std::string hardware() {
    std::array<char, 4096> blob{};
    fdt_create_empty_tree(blob.data(), blob.size());
    const int chosen = fdt_add_subnode(blob.data(), 0, "chosen");
    fdt_setprop_string(blob.data(), chosen, "stdout-path", "/pl011@9000000");
    fdt_pack(blob.data());
    return {blob.data(), fdt_totalsize(blob.data())};
}

VmNode vm_node(const std::string& name) {
    VmNode node{.vm = {.name = name, .memory = 0x2000'0000},
                .kernel = {.file = "Image", .address = 0x6100'0000, .size = 0x230'0000},
                .ramdisk = std::nullopt,
                .bootargs = ""};
    node.vm.vcpus = 2;
    return node;
}

class MachineTree : public testing::Test {
  protected:
    void compile(const std::vector<VmNode>& vms) { take(compile_tree(hardware(), vms)); }
    void take(const Result<std::string>& compiled) {
        ASSERT_TRUE(compiled) << to_string(compiled.error());
        tree_ = *compiled;
        ASSERT_EQ(fdt_check_full(tree_.data(), tree_.size()), 0);
    }
    [[nodiscard]] std::string property(const char* path, const char* name) const {
        int length = 0;
        const void* value = fdt_getprop(tree_.data(), fdt_path_offset(tree_.data(), path), name, &length);
        return value == nullptr ? "absent"
                                : std::string(static_cast<const char*>(value), static_cast<std::size_t>(length));
    }
    [[nodiscard]] const std::string& bytes() const { return tree_; }

  private:
    std::string tree_;
};

std::string literal(std::string_view text) {
    return std::string{text} + '\0';
}

TEST_F(MachineTree, AddsOurNodeBesideWhatWasThere) {
    compile({vm_node("alpha")});
    EXPECT_EQ(property("/chosen", "stdout-path"), literal("/pl011@9000000"));
    EXPECT_EQ(property("/chosen/trivisor", "compatible"), literal("trivisor,machine-v1"));
    EXPECT_EQ(property("/chosen/trivisor", "console"), literal("framed"));
}

TEST_F(MachineTree, SaysOfTheMachineOnlyWhatItIsTold) {
    const std::string without = *compile_tree(hardware(), {vm_node("alpha")});
    const std::string with =
        *compile_tree(hardware(), {vm_node("alpha")}, {.trace_bytes = 0x12345, .address_spaces = 127, .partitions = 3});
    const auto bytes = [](const std::string& tree, const char* name) {
        int length = 0;
        const void* value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), "/chosen/trivisor"), name, &length);
        return value == nullptr ? std::string{}
                                : std::string(static_cast<const char*>(value), static_cast<std::size_t>(length));
    };
    EXPECT_EQ(bytes(without, "trace-bytes"), "");
    EXPECT_EQ(bytes(without, "optee-address-spaces"), "");
    EXPECT_EQ(bytes(without, "optee-partitions"), "");
    EXPECT_EQ(bytes(with, "trace-bytes"), std::string("\x00\x01\x23\x45", 4));
    EXPECT_EQ(bytes(with, "optee-address-spaces"), std::string("\0\0\0\x7f", 4));
    EXPECT_EQ(bytes(with, "optee-partitions"), std::string("\0\0\0\3", 4));
}

TEST_F(MachineTree, DescribesAVm) {
    VmNode node = vm_node("alpha");
    node.vm.cpus = {1, 0};
    node.vm.tee = machine::TeeDescription{};
    node.vm.weight = 300;
    node.vm.firmware_size = 0x30'0000;
    node.vm.cap = 50;
    node.vm.on_reboot = contract::OnReboot::HaltMachine;
    node.vm.on_crash = contract::OnCrash::Restart;
    node.vm.io = contract::Io::Whole;
    node.ramdisk = Module{.file = "initrd", .address = 0x6340'0000, .size = 0x70'0000};
    node.bootargs = "console=ttyAMA0";
    compile({node});
    const char* path = "/chosen/trivisor/vm@0";
    using namespace std::string_literals;
    EXPECT_EQ(property(path, "compatible"), literal("trivisor,vm"));
    EXPECT_EQ(property(path, "label"), literal("alpha"));
    EXPECT_EQ(property(path, "memory-size"), "\0\0\0\0\x20\0\0\0"s);
    EXPECT_EQ(property(path, "vcpus"), "\0\0\0\2"s);
    EXPECT_EQ(property(path, "cpus"), "\0\0\0\1\0\0\0\0"s);
    EXPECT_EQ(property(path, "kernel"), "\0\0\0\0\x61\0\0\0\0\0\0\0\2\x30\0\0"s);
    EXPECT_EQ(property(path, "firmware-size"), "\0\x30\0\0"s);
    EXPECT_EQ(property(path, "ramdisk"), "\0\0\0\0\x63\x40\0\0\0\0\0\0\0\x70\0\0"s);
    EXPECT_EQ(property(path, "bootargs"), literal("console=ttyAMA0"));
    EXPECT_EQ(property(path, "weight"), "\0\0\1\x2c"s);
    EXPECT_EQ(property(path, "cap"), "\0\0\0\x32"s);
    EXPECT_EQ(property(path, "on-reboot"), literal("halt-machine"));
    EXPECT_EQ(property(path, "on-crash"), literal("restart"));
    EXPECT_EQ(property(path, "io"), literal("whole"));
    EXPECT_EQ(property(path, "tee"), "");
}

TEST_F(MachineTree, HasTheGroupThatMayUseTheManager) {
    VmNode node = vm_node("host");
    node.vm.devices = contract::DeviceSet::All;
    node.vm.manager_group = 1000;
    compile({node});
    using namespace std::string_literals;
    EXPECT_EQ(property("/chosen/trivisor/vm@0", "manager-group"),
              "\x0e\xce\x43\xed\0\x1d\x51\xbd\xba\xb7\x48\x0c\x89\x54\xc3\xcf"s);
}

TEST_F(MachineTree, SaysWhatAVmMayDoWithItsTee) {
    VmNode node = vm_node("alpha");
    const auto uuid = *machine::parse_uuid("8aaaf200-2450-11e4-abe2-0002a5d5c51b");
    machine::TeeDescription& tee = node.vm.tee.emplace();
    tee.allow = {uuid, uuid};
    tee.deny = {uuid};
    tee.otherwise = contract::TeeDefault::Deny;
    tee.max_sessions = 1;
    tee.pinned_pages = 2;
    tee.buffers = 3;
    tee.calls = 4;
    tee.mapped_pages = 5;
    compile({node});
    const char* path = "/chosen/trivisor/vm@0";
    using namespace std::string_literals;
    const std::string bytes = "\x8a\xaa\xf2\0\x24\x50\x11\xe4\xab\xe2\0\2\xa5\xd5\xc5\x1b"s;
    EXPECT_EQ(property(path, "tee"), "");
    EXPECT_EQ(property(path, "tee-allow"), bytes + bytes);
    EXPECT_EQ(property(path, "tee-deny"), bytes);
    EXPECT_EQ(property(path, "tee-default"), literal("deny"));
    EXPECT_EQ(property(path, "tee-max-sessions"), "\0\0\0\1"s);
    EXPECT_EQ(property(path, "tee-pinned-pages"), "\0\0\0\2"s);
    EXPECT_EQ(property(path, "tee-buffers"), "\0\0\0\3"s);
    EXPECT_EQ(property(path, "tee-calls"), "\0\0\0\4"s);
    EXPECT_EQ(property(path, "tee-mapped-pages"), "\0\0\0\5"s);
}

TEST_F(MachineTree, LeavesOutWhatAVmDoesNotHave) {
    VmNode node = vm_node("alpha");
    node.vm.tee = machine::TeeDescription{};
    compile({vm_node("beta"), node});
    for (const char* name : {"tee-allow", "tee-deny", "tee-default", "tee-max-sessions", "tee-calls"}) {
        EXPECT_EQ(property("/chosen/trivisor/vm@1", name), "absent") << name;
    }
    for (const char* name : {"cpus", "firmware-size", "ramdisk", "bootargs", "tee"}) {
        EXPECT_EQ(property("/chosen/trivisor/vm@0", name), "absent") << name;
    }
}

TEST_F(MachineTree, KeepsVmsInOrder) {
    std::vector<VmNode> vms;
    for (int index = 0; index < 16; ++index) {
        vms.push_back(vm_node("vm-" + std::to_string(index)));
    }
    compile(vms);
    EXPECT_EQ(property("/chosen/trivisor/vm@f", "label"), literal("vm-15"));
    const int ours = fdt_path_offset(bytes().data(), "/chosen/trivisor");
    EXPECT_STREQ(fdt_get_name(bytes().data(), fdt_first_subnode(bytes().data(), ours), nullptr), "vm@0");
}

TEST_F(MachineTree, LeavesRoomForTheFirmware) {
    compile({vm_node("alpha")});
    std::string copy = bytes();
    EXPECT_EQ(fdt_setprop(copy.data(), 0, "firmware", std::string(16 * 1024, 'x').data(), 16 * 1024), 0);
}

TEST(CompileTree, RefusesWhatIsNoTree) {
    EXPECT_FALSE(compile_tree("not a tree", {}));
    EXPECT_FALSE(compile_tree(hardware().substr(0, 60), {}));
}

TEST_F(MachineTree, OfABundleNamesItsMembers) {
    VmNode node = vm_node("alpha");
    node.kernel.member = "images/1";
    node.ramdisk = Module{.file = "initrd", .address = 0, .size = 8, .member = "images/2"};
    take(compile_bundle_tree({node}));
    EXPECT_EQ(property("/chosen/trivisor", "console"), literal("plain"));
    EXPECT_EQ(property("/chosen/trivisor/vm@0", "kernel"), literal("images/1"));
    EXPECT_EQ(property("/chosen/trivisor/vm@0", "ramdisk"), literal("images/2"));
}

} // namespace
} // namespace trv::tool::tree
