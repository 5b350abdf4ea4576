// SPDX-License-Identifier: Apache-2.0
#include "../dts.hpp"
#include "../lib/cpio_archive.hpp"
#include "contract/bundle.hpp"
#include "machine/bundle.hpp"
#include "machine/parse.hpp"
#include "qemu_virt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

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
    explicit Booted(const CpioArchive& archive) : hardware(std::string("/ {") + test::qemu_virt_hardware + "};") {
        Problems of_hardware;
        EXPECT_TRUE(parse(hardware.tree(), {}, machine, of_hardware));
        const std::vector<u8> bytes = archive.bytes();
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

} // namespace
} // namespace trv::machine
