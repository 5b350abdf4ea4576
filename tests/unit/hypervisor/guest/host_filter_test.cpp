// SPDX-License-Identifier: Apache-2.0
#include "guest/host_filter.hpp"
#include "host_machine.hpp"
#include "qemu_virt_tree.hpp"

namespace trv::guest {
namespace {

using test::board;
using test::HostMachine;

class QemuHost : public testing::Test {
  public:
    HostMachine host{test::qemu_virt_tree};
};

TEST_F(QemuHost, KeepsTheMachinesDevices) {
    for (const char* path :
         {"/virtio_mmio@a000000", "/pcie@10000000", "/pl031@9010000", "/pl061@9030000", "/gpio-keys",
          "/gpio-keys/poweroff", "/flash@4000000", "/fw-cfg@9020000", "/platform-bus@c000000", "/apb-pclk"}) {
        EXPECT_EQ(host.fate(path), Fate::Kept) << path;
    }
}

TEST_F(QemuHost, AdaptsWhatTheHypervisorEmulates) {
    EXPECT_EQ(host.fate("/intc@8000000"), Fate::Gic);
    EXPECT_EQ(host.fate("/timer"), Fate::Timer);
    EXPECT_EQ(host.fate("/pl011@9000000"), Fate::Console);
    ASSERT_TRUE(host.filter().console());
    EXPECT_EQ(host.filter().console()->name(), "pl011@9000000");
}

TEST_F(QemuHost, ReplacesWhatEveryVmHasOfItsOwn) {
    for (const char* path : {"/memory@40000000", "/cpus", "/psci", "/chosen", "/firmware"}) {
        EXPECT_EQ(host.fate(path), Fate::Replaced) << path;
    }
}

TEST_F(QemuHost, LeavesOutWhatIsNotTheHosts) {
    for (const char* path : {"/pl061@90b0000", "/pl011@9040000", "/secflash@0", "/secram@e000000", "/gpio-poweroff",
                             "/gpio-restart", "/secure-chosen"}) {
        EXPECT_EQ(host.fate(path), Fate::Secure) << path;
    }
    EXPECT_EQ(host.fate("/smmuv3@9050000"), Fate::Hypervisor);
    EXPECT_EQ(host.fate("/intc@8000000/its@8080000"), Fate::Hypervisor);
    EXPECT_EQ(host.fate("/pmu"), Fate::PrivateInterrupt);
    EXPECT_EQ(host.fate("/reserved-memory/optee_shm@42000000"), Fate::Firmware);
    EXPECT_EQ(host.fate("/reserved-memory/optee_core@e100000"), Fate::Firmware);
}

TEST_F(QemuHost, KeepsANodeOnlyWithAllAboveIt) {
    EXPECT_TRUE(host.filter().keeps(*host.tree().find("/gpio-keys/poweroff")));
    EXPECT_FALSE(host.filter().keeps(*host.tree().find("/cpus/cpu@0")));
    EXPECT_FALSE(host.filter().keeps(*host.tree().find("/intc@8000000/its@8080000")));
}

TEST(HostFilter, ANodeThatSharesAPageWithTheHypervisorsUartIsLeftOut) {
    const HostMachine host(board("serial@f0000800 { compatible = \"arm,pl011\"; reg = <0xf0000800 0x100>; };"
                                 "serial@f0001000 { compatible = \"arm,pl011\"; reg = <0xf0001000 0x100>; };"));
    EXPECT_EQ(host.fate("/soc/serial@f0000800"), Fate::Hypervisor);
    EXPECT_EQ(host.fate("/soc/serial@f0001000"), Fate::Kept);
}

TEST(HostFilter, ANodeThatSharesAnInterruptWithTheHypervisorsUartIsLeftOut) {
    const HostMachine host(
        board("a@f0002000 { reg = <0xf0002000 0x1000>; interrupts = <0 40 4>; };"
              "b@f0003000 { reg = <0xf0003000 0x1000>; interrupts-extended = <1 0 41 4 1 0 40 4>; };"));
    EXPECT_EQ(host.fate("/soc/a@f0002000"), Fate::Hypervisor);
    EXPECT_EQ(host.fate("/soc/b@f0003000"), Fate::Hypervisor);
}

TEST(HostFilter, ASecureDevicesPageIsNotTheHostsWhateverElseIsThere) {
    const HostMachine host(
        board("a@f0002000 { reg = <0xf0002000 0x100>; status = \"disabled\"; secure-status = \"okay\"; };"
              "b@f0002800 { reg = <0xf0002800 0x100>; };"));
    EXPECT_EQ(host.fate("/soc/a@f0002000"), Fate::Secure);
    EXPECT_EQ(host.fate("/soc/b@f0002800"), Fate::Hypervisor);
}

TEST(HostFilter, WhatIsBelowASecureBusIsDeniedToOthersAsWell) {
    const HostMachine host(board("bus { status = \"disabled\"; secure-status = \"okay\"; ranges; #address-cells = <1>;"
                                 "#size-cells = <1>; a@f0002000 { reg = <0xf0002000 0x100>; }; };"
                                 "b@f0002800 { reg = <0xf0002800 0x100>; };"));
    EXPECT_EQ(host.fate("/soc/b@f0002800"), Fate::Hypervisor);
}

TEST(HostFilter, SharedWithTheSecureWorldIsNotSecure) {
    const HostMachine host(
        board("a@f0002000 { reg = <0xf0002000 0x100>; status = \"okay\"; secure-status = \"okay\"; };"));
    EXPECT_EQ(host.fate("/soc/a@f0002000"), Fate::Kept);
}

TEST(HostFilter, FirmwareIsNotCalled) {
    const HostMachine host(board("clocks { compatible = \"a,clocks-smc\"; method = \"smc\"; };"
                                 "scmi { compatible = \"arm,scmi-smc\"; arm,smc-id = <0xc2000001>; };"));
    EXPECT_EQ(host.fate("/soc/clocks"), Fate::Firmware);
    EXPECT_EQ(host.fate("/soc/scmi"), Fate::Firmware);
}

TEST(HostFilter, ExternalDebugOfCpusIsNotTheHosts) {
    const HostMachine host(board(
        "debug@f0002000 { compatible = \"arm,coresight-cpu-debug\", \"arm,primecell\"; reg = <0xf0002000 0x1000>; };"
        "b@f0002800 { reg = <0xf0002800 0x100>; };"));
    EXPECT_EQ(host.fate("/soc/debug@f0002000"), Fate::Hypervisor);
    EXPECT_EQ(host.fate("/soc/b@f0002800"), Fate::Hypervisor) << "shares its page";
}

TEST(HostFilter, RegistersInRamAreNotADevice) {
    const HostMachine host(
        board("", "pmem@90000000 { compatible = \"pmem-region\"; reg = <0 0x90000000 0x100000>; };"));
    EXPECT_EQ(host.fate("/pmem@90000000"), Fate::InRam);
}

TEST(HostFilter, PoolsOfDevicesAreKeptAndFirmwaresMemoryIsNot) {
    const HostMachine host(board("", R"(reserved-memory { #address-cells = <2>; #size-cells = <1>; ranges;
        anywhere { compatible = "shared-dma-pool"; size = <0x400000>; reusable; };
        pool@81000000 { compatible = "shared-dma-pool"; reg = <0 0x81000000 0x10000>; };
        unmapped@82000000 { compatible = "shared-dma-pool"; reg = <0 0x82000000 0x10000>; no-map; };
        outside@20000000 { compatible = "shared-dma-pool"; reg = <0 0x20000000 0x10000>; };
        part@83000800 { compatible = "shared-dma-pool"; reg = <0 0x83000800 0x800>; };
        monitor@84000000 { reg = <0 0x84000000 0x10000>; }; };)"));
    EXPECT_EQ(host.fate("/reserved-memory/anywhere"), Fate::Kept);
    EXPECT_EQ(host.fate("/reserved-memory/pool@81000000"), Fate::Kept);
    EXPECT_EQ(host.fate("/reserved-memory/unmapped@82000000"), Fate::Firmware);
    EXPECT_EQ(host.fate("/reserved-memory/outside@20000000"), Fate::Firmware);
    EXPECT_EQ(host.fate("/reserved-memory/part@83000800"), Fate::Firmware);
    EXPECT_EQ(host.fate("/reserved-memory/monitor@84000000"), Fate::Firmware);
    ASSERT_EQ(host.resources().pools.size(), 1U);
    EXPECT_EQ(host.resources().pools[0], (PaRange{Pa(0x8100'0000), 0x10000}));
}

TEST(HostFilter, DisabledNodesAreLeftOutWithAllBelowThem) {
    const HostMachine host(board("bus { status = \"disabled\"; a@f0002000 { reg = <0xf0002000 0x1000>; }; };"));
    EXPECT_EQ(host.fate("/soc/bus"), Fate::Disabled);
    EXPECT_FALSE(host.has_device(0xf000'2000));
}

TEST(HostFilter, NeedsAControllerThatInterruptsCanName) {
    const std::string text = board("");
    const std::size_t at = text.find("#interrupt-cells = <3>");
    EXPECT_EQ(HostMachine(std::string(text).replace(at, 22, "#interrupt-cells = <4>")).collected().error(),
              Error::Unsupported);
}

} // namespace
} // namespace trv::guest
