// SPDX-License-Identifier: Apache-2.0
#include "guest/host_resources.hpp"
#include "host_machine.hpp"
#include "qemu_virt_tree.hpp"

namespace trv::guest {
namespace {

using test::board;
using test::HostMachine;

class QemuHostResources : public testing::Test {
  public:
    HostMachine host{test::qemu_virt_tree};
};

TEST_F(QemuHostResources, RegistersOfKeptNodesInWholePages) {
    ASSERT_TRUE(host.collected());
    for (const u64 address :
         std::initializer_list<u64>{0x901'0000, 0x902'0000, 0x903'0000, 0xa00'0000, 0xa00'3fff, 0x400'0000}) {
        EXPECT_TRUE(host.has_device(address)) << std::hex << address;
    }
}

TEST_F(QemuHostResources, PciConfigurationSpaceAndAllThreeWindows) {
    for (const u64 address : std::initializer_list<u64>{0x40'1000'0000, 0x40'1fff'ffff, 0x1000'0000, 0x3efe'ffff,
                                                        0x3eff'0000, 0x80'0000'0000, 0xff'ffff'ffff}) {
        EXPECT_TRUE(host.has_device(address)) << std::hex << address;
    }
    EXPECT_EQ(host.resources().address_bits({}), 40U) << "the upper window ends at 1 TiB";
}

TEST_F(QemuHostResources, NothingOfTheHypervisorsOrTheSecureWorlds) {
    for (const u64 address :
         std::initializer_list<u64>{0x800'0000, 0x808'0000, 0x80a'0000, 0x900'0000, 0x904'0000, 0x905'0000, 0x90b'0000,
                                    0, 0xe00'0000, 0xe10'0000, 0x4000'0000, 0x4200'0000, 0xc00'0000}) {
        EXPECT_FALSE(host.has_device(address)) << std::hex << address;
    }
}

TEST_F(QemuHostResources, InterruptsOfKeptNodesAndThoseThatPciFunctionsShare) {
    for (const u32 spi : std::initializer_list<u32>{2, 3, 4, 5, 6, 7, 0x10, 0x2f}) {
        EXPECT_TRUE(host.has_interrupt(spi)) << spi;
    }
    for (const u32 spi : std::initializer_list<u32>{0, 1, 8, 0x4a, 187}) {
        EXPECT_FALSE(host.has_interrupt(spi)) << spi;
    }
    EXPECT_EQ(host.resources().interrupt_count(), 10U);
}

TEST_F(QemuHostResources, WhatIsEmulatedIsWhereTheMachineHasItOrInAHole) {
    const Layout& layout = host.resources().layout;
    EXPECT_EQ(layout.gicd, Ipa(0x800'0000));
    EXPECT_EQ(layout.gicr, Ipa(0x80a'0000));
    EXPECT_EQ(layout.console, Ipa(0x900'0000));
    EXPECT_EQ(layout.console_intid, 33U);
    for (const u64 address : {layout.agent.value, layout.stolen_time.value, layout.free.end().value - 1}) {
        EXPECT_FALSE(host.has_device(address));
        EXPECT_LT(address, 4 * GiB);
        EXPECT_TRUE(address < 0x4000'0000 || address >= 0x1'c000'0000) << "RAM";
        EXPECT_TRUE(address < 0xc00'0000 || address >= 0xe00'0000) << "the platform bus";
    }
    for (const u32 intid : {layout.agent_intid, layout.optee_intid, layout.first_free_intid}) {
        EXPECT_FALSE(host.resources().interrupts.has(IntId(intid))) << intid;
        EXPECT_NE(intid, layout.console_intid);
    }
    EXPECT_NE(layout.agent_intid, layout.optee_intid);
}

TEST(HostResources, RegistersAreTranslatedThroughBuses) {
    const HostMachine host(
        board("bus@1000 { compatible = \"simple-bus\"; #address-cells = <1>; #size-cells = <1>;"
              " ranges = <0 0x1000 0x3000>; dev@2000 { reg = <0x2000 0x100>; interrupts = <0 7 4>; };"
              " far@9000 { reg = <0x9000 0x100>; }; };"));
    ASSERT_TRUE(host.collected());
    EXPECT_TRUE(host.has_device(0x3000));
    EXPECT_FALSE(host.has_device(0x9000)) << "no window leads there";
    EXPECT_FALSE(host.has_device(0x2000)) << "its address on its own bus";
    EXPECT_TRUE(host.has_interrupt(7));
}

TEST(HostResources, InterruptsOfOtherControllersAreNotTheGics) {
    const HostMachine host(board(R"(gpio@1000 { reg = <0x1000 0x1000>; interrupts = <0 9 4>; interrupt-controller;
            #interrupt-cells = <2>; phandle = <7>; };
        key { interrupt-parent = <7>; interrupts = <11 4>; };
        both { interrupts-extended = <7 12 4 1 0 13 4>; };)"));
    EXPECT_TRUE(host.has_interrupt(9));
    EXPECT_FALSE(host.has_interrupt(11));
    EXPECT_FALSE(host.has_interrupt(12));
    EXPECT_TRUE(host.has_interrupt(13));
}

TEST(HostResources, FunctionsDescribedBelowAPciBridgeHaveNoRegistersHere) {
    const HostMachine host(board(R"(pcie@40000000 { device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
        #interrupt-cells = <1>; reg = <0x40000000 0x100000>; ranges = <0x2000000 0 0x50000000 0x50000000 0 0x100000>;
        interrupt-map = <0 0 0 1 1 0 60 4>; interrupt-map-mask = <0 0 0 7>;
        nic@0 { reg = <0 0 0 0 0x10000>; }; };)"));
    ASSERT_TRUE(host.collected());
    EXPECT_TRUE(host.has_device(0x4000'0000));
    EXPECT_TRUE(host.has_device(0x500f'ffff));
    EXPECT_FALSE(host.has_device(0));
    EXPECT_TRUE(host.has_interrupt(60)) << "the controller's node has no address cells";
    EXPECT_EQ(host.fate("/soc/pcie@40000000/nic@0"), Fate::Kept);
}

TEST(HostResources, DevicesOnBusesWithoutAddressesAreKeptAndNeedNothing) {
    const HostMachine host(board("i2c@1000 { reg = <0x1000 0x1000>; #address-cells = <1>; #size-cells = <0>;"
                                 " eeprom@50 { reg = <0x50>; }; };"));
    EXPECT_EQ(host.fate("/soc/i2c@1000/eeprom@50"), Fate::Kept);
    EXPECT_FALSE(host.has_device(0x50));
    EXPECT_EQ(host.resources().devices.size(), 1U);
}

TEST(HostResources, RangesThatTouchBecomeOne) {
    const HostMachine host(board("a@1000 { reg = <0x1000 0x1000>; }; c@3000 { reg = <0x3000 0x1000>; };"
                                 "b@2000 { reg = <0x2000 0x200 0x2800 0x200>; };"));
    ASSERT_EQ(host.resources().devices.size(), 1U);
    EXPECT_EQ(host.resources().devices[0], (PaRange{Pa(0x1000), 0x3000}));
}

TEST(HostResources, TooManyRangesAreAnError) {
    std::string nodes;
    for (unsigned i = 0; i <= max_host_ranges; ++i) {
        nodes += "d" + std::to_string(i) + " { reg = <" + std::to_string(0x10000 + i * 0x2000) + " 0x1000>; };";
    }
    EXPECT_EQ(HostMachine(board(nodes)).collected().error(), Error::TooMany);
}

} // namespace
} // namespace trv::guest
