// SPDX-License-Identifier: Apache-2.0
#include "../dts.hpp"
#include "machine/parse.hpp"
#include "qemu_virt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::machine {
namespace {

using testing::HasSubstr;

struct Parsed {
    explicit Parsed(const std::string& vms)
        : dts(std::string("/ {") + test::qemu_virt_hardware +
              R"(chosen { trivisor { compatible = "trivisor,machine-v1"; )" + vms + "}; }; };"),
          result(parse(dts.tree(), {}, machine, problems)) {}

    [[nodiscard]] std::string all_problems() const {
        std::string text;
        problems.for_each([&](std::string_view line) { text += std::string(line) + "\n"; });
        return text;
    }

    test::Dts dts;
    Machine machine;
    Problems problems;
    Result<void> result;
};

/// A sound VM; a property given here replaces the sound one.
std::string vm(const std::string& unit, const std::string& label, const std::string& replaced = {},
               const std::string& more = {}) {
    std::string text = "vm@" + unit + " {";
    const auto add = [&](const std::string& name, const std::string& value) {
        if (replaced != name) {
            text += name + " = " + value + ";";
        }
    };
    add("compatible", R"("trivisor,vm")");
    add("label", '"' + label + '"');
    add("memory-size", "/bits/ 64 <0x20000000>");
    add("vcpus", "<2>");
    add("kernel", "/bits/ 64 <0x64000000 0x2300000>");
    return text + more + "};";
}

std::string reason(const Parsed& p) {
    EXPECT_EQ(p.machine.refused.size(), 1U);
    return p.machine.refused.empty() ? "" : std::string(p.machine.refused[0].reason());
}

TEST(VmParser, ReadsHowManyPartitionsThereAre) {
    EXPECT_EQ(Parsed("").machine.partitions, max_vms);
    EXPECT_EQ(Parsed("optee-partitions = <2>;").machine.partitions, 2U);
    const Parsed p("optee-partitions = <0>;");
    EXPECT_EQ(p.machine.partitions, max_vms);
    EXPECT_THAT(p.all_problems(), HasSubstr("optee-partitions: expected one cell"));
}

TEST(VmParser, ReadsHowManyAddressSpacesThereAre) {
    EXPECT_EQ(Parsed("").machine.address_spaces, contract::usual_address_spaces);
    EXPECT_EQ(Parsed("optee-address-spaces = <127>;").machine.address_spaces, 127U);
    for (const char* bad : {"<16>", "<1 2>", "\"many\""}) {
        const Parsed p("optee-address-spaces = " + std::string(bad) + ";");
        EXPECT_EQ(p.machine.address_spaces, contract::usual_address_spaces) << bad;
        EXPECT_THAT(p.all_problems(), HasSubstr("optee-address-spaces: expected one cell")) << bad;
    }
}

TEST(VmParser, ReadsAllProperties) {
    const Parsed p(
        R"(console = "framed";)" +
        vm("0", "alpha", "",
           R"(cpus = <1 0>; firmware-size = <0x300000>; ramdisk = /bits/ 64 <0x68000000 0x700000>; bootargs = "quiet";
                       weight = <250>; cap = <50>; on-reboot = "halt-machine"; on-crash = "restart"; tee;)"));
    ASSERT_TRUE(p.result) << p.all_problems();
    EXPECT_EQ(p.machine.console, ConsoleMode::Framed);
    ASSERT_EQ(p.machine.vms.size(), 1U);
    const VmDescription& v = p.machine.vms[0];
    EXPECT_EQ(v.index, 0U);
    EXPECT_EQ(v.label, "alpha");
    EXPECT_EQ(v.memory_size, 512 * MiB);
    EXPECT_EQ(v.vcpus, 2U);
    EXPECT_TRUE(v.pinned);
    EXPECT_EQ(v.cpu[0], 1U);
    EXPECT_EQ(v.cpu[1], 0U);
    EXPECT_EQ(v.kernel, (PaRange{Pa(0x6400'0000), 0x230'0000}));
    EXPECT_EQ(v.firmware_size, 0x30'0000U);
    EXPECT_EQ(v.ramdisk, (PaRange{Pa(0x6800'0000), 0x70'0000}));
    EXPECT_EQ(v.bootargs, "quiet");
    EXPECT_EQ(v.weight, 250U);
    EXPECT_EQ(v.cap, 50U);
    EXPECT_EQ(v.on_reboot, OnReboot::HaltMachine);
    EXPECT_EQ(v.on_crash, OnCrash::Restart);
    EXPECT_TRUE(v.tee);
}

TEST(VmParser, HasTheDocumentedDefaults) {
    const Parsed p(vm("0", "alpha"));
    ASSERT_EQ(p.machine.vms.size(), 1U);
    const VmDescription& v = p.machine.vms[0];
    EXPECT_EQ(p.machine.console, ConsoleMode::Plain);
    EXPECT_FALSE(v.pinned);
    EXPECT_FALSE(v.ramdisk);
    EXPECT_EQ(v.firmware_size, 0U);
    EXPECT_EQ(v.bootargs, "");
    EXPECT_EQ(v.weight, 100U);
    EXPECT_EQ(v.cap, 0U);
    EXPECT_EQ(v.on_reboot, OnReboot::Restart);
    EXPECT_EQ(v.on_crash, OnCrash::Stop);
    EXPECT_FALSE(v.tee);
}

TEST(VmParser, OrdersByIndexAndRefusesTwins) {
    const Parsed p(vm("f", "last") + vm("1", "beta") + vm("0", "alpha") + vm("01", "twin") + vm("2", "alpha"));
    ASSERT_EQ(p.machine.vms.size(), 3U);
    EXPECT_EQ(p.machine.vms[0].label, "alpha");
    EXPECT_EQ(p.machine.vms[1].label, "beta");
    EXPECT_EQ(p.machine.vms[2].index, 15U);
    ASSERT_EQ(p.machine.refused.size(), 2U);
    EXPECT_THAT(std::string(p.machine.refused[0].reason()), HasSubstr("vm@01: unit address"));
    EXPECT_THAT(std::string(p.machine.refused[1].reason()), HasSubstr("vm@2: label: expected a unique name"));
}

TEST(VmParser, RefusesOneAndKeepsTheOthers) {
    const Parsed p(vm("0", "alpha", "vcpus", "vcpus = <9>;") + vm("1", "beta"));
    ASSERT_EQ(p.machine.vms.size(), 1U);
    EXPECT_EQ(p.machine.vms[0].label, "beta");
    EXPECT_EQ(p.machine.refused[0].label, "alpha");
    EXPECT_EQ(reason(p), "/chosen/trivisor/vm@0: vcpus: expected 1 to 8");
}

struct Malformed {
    const char* property;
    const char* value;
};

class MalformedProperty : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedProperty, IsNamedInTheRefusal) {
    const Malformed m = GetParam();
    const Parsed p(vm("0", "alpha", m.property, std::string(m.value) + " "));
    EXPECT_TRUE(p.machine.vms.empty());
    EXPECT_THAT(reason(p), HasSubstr(std::string("vm@0: ") + m.property + ": expected "));
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedProperty,
    testing::Values(Malformed{"compatible", ""}, Malformed{"compatible", R"(compatible = "other";)"},
                    Malformed{"label", ""}, Malformed{"label", R"(label = "";)"},
                    Malformed{"label", R"(label = "Alpha";)"}, Malformed{"label", R"(label = "a", "b";)"},
                    Malformed{"label", R"(label = "abcdefghijklmnopqrstuvwxyz-01234";)"},
                    Malformed{"label", "label = <0x61626364>;"}, Malformed{"memory-size", ""},
                    Malformed{"memory-size", "memory-size = <0x20000000>;"},
                    Malformed{"memory-size", "memory-size = /bits/ 64 <0>;"},
                    Malformed{"memory-size", "memory-size = /bits/ 64 <0x20100000>;"}, Malformed{"vcpus", ""},
                    Malformed{"vcpus", "vcpus = <0>;"}, Malformed{"vcpus", "vcpus = /bits/ 64 <1>;"},
                    Malformed{"cpus", "cpus = <0>;"}, Malformed{"cpus", "cpus = <0 2>;"},
                    Malformed{"cpus", "cpus = <0 0xffffffff>;"}, Malformed{"kernel", ""},
                    Malformed{"kernel", "kernel = <0x64000000 0x2300000>;"},
                    Malformed{"kernel", "kernel = /bits/ 64 <0x64000000 0>;"},
                    Malformed{"kernel", "kernel = /bits/ 64 <0xffffffffffff0000 0x20000>;"},
                    Malformed{"kernel", "kernel = /bits/ 64 <0xbffff000 0x2000>;"},
                    Malformed{"firmware-size", "firmware-size = <0>;"},
                    Malformed{"firmware-size", "firmware-size = <0x4000001>;"},
                    Malformed{"ramdisk", "ramdisk = /bits/ 64 <0x1000 0x1000>;"},
                    Malformed{"bootargs", "bootargs = <1>;"}, Malformed{"weight", "weight = <0>;"},
                    Malformed{"weight", "weight = <10001>;"}, Malformed{"cap", "cap = <801>;"},
                    Malformed{"on-reboot", R"(on-reboot = "again";)"}, Malformed{"on-crash", "on-crash;"},
                    Malformed{"tee", "tee = <1>;"}));

TEST(VmParser, TheMachinesDevicesAreOneVms) {
    const Parsed p(vm("0", "alpha") + vm("1", "host", "", R"(devices = "all";)") +
                   vm("2", "other", "", R"(devices = "all";)"));
    ASSERT_EQ(p.machine.vms.size(), 2U);
    EXPECT_EQ(p.machine.vms[0].devices, DeviceSet::Virtual);
    EXPECT_EQ(p.machine.vms[1].devices, DeviceSet::All);
    EXPECT_THAT(reason(p), HasSubstr("vm@2: devices: expected virtual, because another VM has all"));
}

TEST(VmParser, RefusesUnitAddressesOutOfRange) {
    EXPECT_THAT(reason(Parsed(vm("10", "alpha"))), HasSubstr("vm@10: unit address: expected an index from 0 to f"));
    EXPECT_THAT(reason(Parsed(vm("x", "alpha"))), HasSubstr("unit address"));
    EXPECT_THAT(reason(Parsed(vm("11111111111111110", "alpha"))), HasSubstr("unit address"));
}

TEST(VmParser, NamesWhatItDoesNotKnow) {
    const Parsed p(R"(console = "loud"; disk@0 { };)" + vm("0", "alpha", "", "veight = <1>;"));
    EXPECT_EQ(p.machine.vms.size(), 1U);
    EXPECT_THAT(p.all_problems(), HasSubstr("console: expected framed or plain"));
    EXPECT_FALSE(p.machine.trace_bytes);
    EXPECT_THAT(p.all_problems(), HasSubstr("disk@0: unknown node"));
    EXPECT_THAT(p.all_problems(), HasSubstr("vm@0: veight: unknown property"));
}

TEST(VmParser, ReadsNothingOfAnotherVersion) {
    test::Dts dts(R"(/ { chosen { trivisor { compatible = "trivisor,machine-v2"; vm@0 { }; }; }; };)");
    Machine machine;
    Problems problems;
    (void)parse(dts.tree(), {}, machine, problems);
    EXPECT_FALSE(machine.configured);
    EXPECT_TRUE(machine.refused.empty());
}

} // namespace
} // namespace trv::machine
