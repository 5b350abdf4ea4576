// SPDX-License-Identifier: Apache-2.0
#include "../dts.hpp"
#include "../lib/cpio_archive.hpp"
#include "contract/bundle.hpp"
#include "machine/bundle.hpp"
#include "machine/parse.hpp"
#include "qemu_virt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace trv::machine {
namespace {

using test::CpioArchive;
using testing::HasSubstr;

constexpr Pa at{0x4800'0000};

std::string tree(const std::string& images) {
    test::Dts dts(R"(/ { chosen { trivisor { compatible = "trivisor,machine-v1"; vm@0 { compatible = "trivisor,vm";
                  label = "alpha"; memory-size = /bits/ 64 <0x20000000>; vcpus = <2>; )" +
                  images + "}; }; }; };");
    const std::span<const u8> bytes = dts.bytes();
    return {bytes.begin(), bytes.end()};
}

/// QEMU's machine, with a bundle as its initial RAM disk.
struct Booted {
    explicit Booted(const CpioArchive& archive) : Booted(archive.bytes()) {}
    explicit Booted(const std::vector<u8>& bytes) : hardware(std::string("/ {") + test::qemu_virt_hardware + "};") {
        Problems of_hardware;
        EXPECT_TRUE(parse(hardware.tree(), {}, machine, of_hardware));
        memory.resize(bytes.size() / 8 + 1);
        std::memcpy(memory.data(), bytes.data(), bytes.size());
        parse_bundle({reinterpret_cast<u8*>(memory.data()), bytes.size()}, at, machine, problems);
    }
    [[nodiscard]] std::string all_problems() const {
        std::string text;
        problems.for_each([&](std::string_view line) { text += std::string(line) + "\n"; });
        return text;
    }
    [[nodiscard]] std::string content(PaRange range) const {
        return {reinterpret_cast<const char*>(memory.data()) + (range.base - at), range.size};
    }

    test::Dts hardware;
    Machine machine;
    Problems problems;
    std::vector<u64> memory;
};

TEST(Bundle, HasVmsAndTheirImages) {
    // Whatever the tree's place in the archive is, modulo 8.
    for (const std::string_view first : {"", "four"}) {
        CpioArchive archive;
        archive.add("filler", first)
            .add(contract::bundle::tree_member, tree(R"(kernel = "host/vmlinuz"; ramdisk = "appended";)"))
            .add("host/vmlinuz", "a kernel")
            .finish()
            .append("a distribution's own");
        const Booted booted(archive);
        EXPECT_TRUE(booted.machine.configured);
        ASSERT_EQ(booted.machine.vms.size(), 1U) << booted.all_problems();
        const VmDescription& vm = booted.machine.vms[0];
        EXPECT_EQ(vm.label, "alpha");
        EXPECT_EQ(booted.content(vm.kernel), "a kernel");
        ASSERT_TRUE(vm.ramdisk);
        EXPECT_EQ(booted.content(*vm.ramdisk), "a distribution's own");
        EXPECT_EQ(booted.all_problems(), "");
    }
}

TEST(Bundle, RefusesVmsWhoseImagesItLacks) {
    for (const std::string images : {R"(kernel = "other";)", R"(kernel = "empty";)", "kernel = <0 0 0 8>;",
                                     R"(kernel = "host/vmlinuz"; ramdisk = "appended";)", ""}) {
        CpioArchive archive;
        archive.add(contract::bundle::tree_member, tree(images))
            .add("host/vmlinuz", "a kernel")
            .add("empty", "")
            .finish();
        const Booted booted(archive);
        ASSERT_EQ(booted.machine.refused.size(), 1U) << images;
        EXPECT_THAT(std::string(booted.machine.refused[0].reason()), HasSubstr("the name of a member of the bundle"));
    }
}

TEST(Bundle, LeavesOrdinaryRamDisksAlone) {
    for (const CpioArchive& archive :
         {CpioArchive().append("\x1f\x8b compressed"), CpioArchive().add("init", "#!").finish()}) {
        const Booted booted(archive);
        EXPECT_FALSE(booted.machine.configured);
        EXPECT_EQ(booted.all_problems(), "");
    }
}

TEST(Bundle, SaysWhatIsWrongWithIt) {
    EXPECT_THAT(Booted(CpioArchive().add(contract::bundle::tree_member, "no tree").finish()).all_problems(),
                HasSubstr("the bundle's trivisor/machine.dtb: "));
    EXPECT_THAT(Booted(CpioArchive().add("cut", "short")).all_problems(),
                HasSubstr("the boot loader's initial RAM disk is no bundle: "));
    CpioArchive many;
    for (std::size_t i = 0; i <= contract::bundle::max_members; ++i) {
        many.add("member", "");
    }
    EXPECT_THAT(Booted(many.finish()).all_problems(), HasSubstr("the boot loader's initial RAM disk is no bundle: "));
}

/// The host's root file system, with what trivisor-bundle reads, and with the archive that it makes.
class HostRoot : public testing::Test {
  protected:
    HostRoot() : root(testing::TempDir() + "trivisor-bundle-XXXXXX") {
        EXPECT_NE(mkdtemp(root.data()), nullptr);
        std::filesystem::create_directories(root + "/etc/trivisor");
        std::filesystem::create_directories(root + "/boot");
    }
    ~HostRoot() override { std::filesystem::remove_all(root); }

    static std::string read(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& path, std::string_view content) const {
        std::ofstream(root + path, std::ios::binary) << content;
    }
    /// The example of the package, as dtc would compile it.
    void write_tree() const {
        const std::string text = read(TRIVISOR_SOURCE "/host/package/usr/share/trivisor/examples/host.dts");
        test::Dts dts(std::regex_replace(text, std::regex("/dts-v1/;|//[^\n]*"), ""));
        const std::span<const u8> bytes = dts.bytes();
        write("/etc/trivisor/machine.dtb", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    void write_kernel(const std::string& version) const {
        write("/boot/vmlinuz-" + version, image(version));
        write("/boot/initrd.img-" + version, "the initramfs of " + version);
    }
    static std::string image(const std::string& version) { return std::string(56, '\0') + "ARMd, " + version; }
    /// What it prints, and the exit code.
    [[nodiscard]] std::string run() const {
        const std::string command = "DPKG_ROOT=" + root +
                                    " sh " TRIVISOR_SOURCE "/host/package/usr/sbin/trivisor-bundle >" + root +
                                    "/said 2>&1; echo $? >>" + root + "/said";
        EXPECT_EQ(std::system(command.c_str()), 0);
        return read(root + "/said");
    }
    [[nodiscard]] std::vector<u8> bundle() const {
        const std::string bytes = read(root + "/boot/trivisor-bundle.cpio");
        return {bytes.begin(), bytes.end()};
    }

    std::string root;
};

TEST_F(HostRoot, BecomesABundleWithItsNewestKernel) {
    write_tree();
    for (const std::string version : {"6.12.9", "6.12.10", "6.1.176"}) {
        write_kernel(version);
    }
    write("/boot/initrd.img-6.12.11", "of a kernel that has gone");
    write("/boot/vmlinuz-6.13", "without an initramfs");
    const std::string kernel = root + "/boot/vmlinuz-6.12.10";
    // As Debian has it, and compressed.
    for (const std::string& command : {std::string("true"), "gzip " + kernel + " && mv " + kernel + ".gz " + kernel}) {
        ASSERT_EQ(std::system(command.c_str()), 0);
        ASSERT_EQ(run(), "0\n");
        const Booted booted(bundle());
        ASSERT_EQ(booted.machine.vms.size(), 1U) << booted.all_problems();
        EXPECT_EQ(booted.all_problems(), "");
        const VmDescription& host = booted.machine.vms[0];
        EXPECT_EQ(host.devices, DeviceSet::All);
        EXPECT_EQ(booted.content(host.kernel), image("6.12.10"));
        ASSERT_TRUE(host.ramdisk);
        EXPECT_EQ(booted.content(*host.ramdisk), "the initramfs of 6.12.10");
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root + "/boot"), {}), 9);
}

TEST_F(HostRoot, WithoutATreeIsLeftAlone) {
    write_kernel("6.12.9");
    EXPECT_EQ(run(), "0\n");
    EXPECT_TRUE(bundle().empty());
}

TEST_F(HostRoot, KeepsItsBundleIfTheNewestKernelIsNoImage) {
    write_tree();
    EXPECT_THAT(run(), HasSubstr("has an initramfs; trivisor-bundle.cpio stays as it is\n1\n"));
    write_kernel("6.12.9");
    ASSERT_EQ(run(), "0\n");
    const std::vector<u8> before = bundle();
    write_kernel("6.12.10");
    write("/boot/vmlinuz-6.12.10", "for another architecture");
    EXPECT_THAT(run(), HasSubstr("vmlinuz-6.12.10 is no arm64 Image; trivisor-bundle.cpio stays as it is\n1\n"));
    EXPECT_EQ(bundle(), before);
}

} // namespace
} // namespace trv::machine
