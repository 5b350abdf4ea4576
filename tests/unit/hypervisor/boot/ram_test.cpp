// SPDX-License-Identifier: Apache-2.0
#include "../dts.hpp"
#include "boot/ram.hpp"

#include <gtest/gtest.h>

namespace trv::boot {
namespace {

using memory::FrameOwner;

class RamPlanTest : public testing::Test {
  public:
    static constexpr PaRange bank{Pa(0x4000'0000), GiB};
    static constexpr PaRange image{Pa(0x4020'0000), MiB};
    static constexpr PaRange tree{Pa(0x4800'0000), 64 * KiB};
    static constexpr PaRange firmware{Pa(0x4e00'0000), MiB};

    RamPlanTest() { EXPECT_TRUE(machine.ram.push_back(bank)); }
    /// The owner of a byte in the plan; Free if it has none.
    FrameOwner owner_of(Pa pa, const vm::Host* host = nullptr) {
        const RamPlan plan = plan_ram(machine, image, tree, host);
        for (const memory::TakenRange& taken : plan.map().taken) {
            if (taken.range.contains(pa)) { // the first one counts
                return taken.owner;
            }
        }
        return FrameOwner::Free;
    }
    machine::Machine machine{};
};

TEST_F(RamPlanTest, KeepsImageAndTree) {
    EXPECT_EQ(owner_of(image.base), FrameOwner::Hypervisor);
    EXPECT_EQ(owner_of(tree.end() - 1), FrameOwner::Hypervisor);
    EXPECT_EQ(owner_of(image.end()), FrameOwner::Free);
    EXPECT_EQ(plan_ram(machine, image, tree, nullptr).map().banks.size(), 1U);
}

TEST_F(RamPlanTest, KeepsModulesOfAllVmsAndTheInitrd) {
    machine.initrd = PaRange{Pa(0x4900'0000), MiB};
    machine::VmDescription vm;
    vm.kernel = {Pa(0x5000'0000), MiB};
    vm.ramdisk = PaRange{Pa(0x5100'0000), MiB};
    EXPECT_TRUE(machine.vms.push_back(vm));
    EXPECT_EQ(owner_of(Pa(0x4900'0000)), FrameOwner::Modules);
    EXPECT_EQ(owner_of(Pa(0x5000'0000)), FrameOwner::Modules);
    EXPECT_EQ(owner_of(Pa(0x5100'0000)), FrameOwner::Modules);
}

TEST_F(RamPlanTest, AnInitrdIsForVmsAlsoIfTheBootLoaderReservedIt) {
    machine.initrd = PaRange{Pa(0x4900'0004), MiB};
    EXPECT_TRUE(machine.reserved.push_back({{Pa(0x4900'0000), MiB + page_size}, false}));
    EXPECT_EQ(owner_of(Pa(0x4900'0004)), FrameOwner::Modules);
    machine.reserved[0].no_map = true;
    EXPECT_EQ(owner_of(Pa(0x4900'0004)), FrameOwner::Reserved);
}

TEST_F(RamPlanTest, FirmwaresMemoryStaysItsOwnWhateverADescriptionSays) {
    EXPECT_TRUE(machine.reserved.push_back({firmware, true}));
    machine::VmDescription vm;
    vm.kernel = firmware;
    EXPECT_TRUE(machine.vms.push_back(vm));
    EXPECT_EQ(owner_of(firmware.base), FrameOwner::Reserved);
}

TEST_F(RamPlanTest, LeavesOutOfTheMapWhatMustNotBeMapped) {
    EXPECT_TRUE(machine.reserved.push_back({firmware, true}));
    EXPECT_TRUE(machine.reserved.push_back({{Pa(0x4f00'0000), MiB}, false}));
    const RamPlan plan = plan_ram(machine, image, tree, nullptr);
    ASSERT_EQ(plan.no_map().size(), 1U);
    EXPECT_EQ(plan.no_map()[0], firmware);
}

TEST_F(RamPlanTest, MapsTheArenaThatIsSharedWithOpTee) {
    machine.optee.emplace();
    machine.optee->shared_memory = firmware;
    EXPECT_TRUE(machine.reserved.push_back({firmware, true}));
    EXPECT_EQ(owner_of(firmware.base), FrameOwner::Arena);
    EXPECT_TRUE(plan_ram(machine, image, tree, nullptr).no_map().empty());
}

TEST_F(RamPlanTest, APoolOfTheHostsDevicesIsItsUnlessSomethingElseIsThere) {
    test::Dts dts(R"(/ { #address-cells = <2>; #size-cells = <2>; interrupt-parent = <1>;
        intc@8000000 { compatible = "arm,gic-v3"; phandle = <1>; #interrupt-cells = <3>; interrupt-controller;
            reg = <0 0x8000000 0 0x10000 0 0x80a0000 0 0x100000>; };
        reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;
            own@50000000 { compatible = "shared-dma-pool"; reg = <0 0x50000000 0 0x10000>; };
            image@40200000 { compatible = "shared-dma-pool"; reg = <0 0x40200000 0 0x10000>; };
            firmwares@4e000000 { compatible = "shared-dma-pool"; reg = <0 0x4e000000 0 0x100000>; }; }; };)");
    machine.gic.emplace();
    machine.gic->registers[0] = {Pa(0x800'0000), 0x10000};
    machine.gic->registers[1] = {Pa(0x80a'0000), 0x10'0000};
    const PaRange own{Pa(0x5000'0000), 0x10000};
    EXPECT_TRUE(machine.reserved.push_back({own, false}));
    EXPECT_TRUE(machine.reserved.push_back({{image.base, 0x10000}, false}));
    EXPECT_TRUE(machine.reserved.push_back({firmware, false}));
    EXPECT_TRUE(machine.reserved.push_back({firmware, true}));
    machine::VmDescription description;
    description.devices = machine::DeviceSet::All;
    description.vcpus = 1;
    const DeviceTree devices = dts.tree();
    vm::Host host(devices, machine, description);
    host.plan();
    ASSERT_EQ(host.pools().size(), 3U) << host.problem();
    EXPECT_EQ(owner_of(own.base, &host), host.owner());
    EXPECT_EQ(owner_of(image.base, &host), FrameOwner::Hypervisor);
    EXPECT_EQ(owner_of(firmware.base, &host), FrameOwner::Reserved);
}

TEST_F(RamPlanTest, HasRoomForTheLargestMachine) {
    while (machine.reserved.push_back({firmware, true})) {
    }
    machine.initrd = firmware;
    for (unsigned i = 0; i < max_vms; ++i) {
        machine::VmDescription vm;
        vm.kernel = firmware;
        vm.ramdisk = firmware;
        EXPECT_TRUE(machine.vms.push_back(vm));
    }
    EXPECT_EQ(plan_ram(machine, image, tree, nullptr).map().taken.size(), 3 + machine::max_reserved + 2 * max_vms);
}

} // namespace
} // namespace trv::boot
