// SPDX-License-Identifier: Apache-2.0
// Devices of the machine that belong to a VM: from its creation to its end.
#include "irqchip/gicv3/layout.hpp"
#include "vm_machine.hpp"

namespace trv::vm {
namespace {

class PassThroughTest : public VmTest {
  public:
    static constexpr IntId physical{40};
    static constexpr IntId intid{300};
    static constexpr PaRange registers{Pa(0x1000'0000), 2 * MiB};
    static constexpr Ipa base{registers.base.value};

    machine::VmDescription& give_device(machine::VmDescription& description) {
        description.device_ranges = ranges;
        description.device_interrupts = spis;
        return description;
    }
    Result<void> create(const machine::VmDescription& description) {
        return manager->create(*machine::VmConfig::copy_of(description));
    }
    void write_distributor(Vm& of, u64 array, u8 size, u64 value) {
        EXPECT_EQ(of.vgic().distributor().write({array, size, 0}, value), vdev::MmioOutcome::Done);
    }
    void enable(Vm& of) { write_distributor(of, irqchip::gic_bank::isenabler + 4 * intid.word(), 4, intid.bit()); }
    /// A VM on CPU 0 that has enabled the device's interrupt.
    Vm& boot_with_device() {
        give_device(describe_on(0, "alpha"));
        boot_and_load();
        Vm& alpha = vm("alpha");
        write_distributor(alpha, irqchip::gicd::ctlr, 4, 3);
        enable(alpha);
        return alpha;
    }
    /// The interrupt is signalled to the CPU, which takes it.
    void fire(unsigned cpu) {
        gic.active[physical.value] = true;
        interfaces[cpu].waiting.push_back(physical);
        play(cpu);
        if (cpus[cpu].scheduler.current() != nullptr) {
            leave_guest(cpu, arch::ExitKind::Irq);
        } else {
            enter(cpu);
        }
    }

    std::vector<PaRange> ranges{registers};
    std::vector<machine::PassedInterrupt> spis{{physical, intid}};
};

TEST_F(PassThroughTest, TheVmFindsTheRegistersAtTheirOwnAddress) {
    give_device(describe("alpha"));
    boot_and_load();
    const memory::Stage2::Leaf leaf = *vm("alpha").memory().stage2().lookup(base + 0x1234);
    EXPECT_EQ(leaf.pa, registers.base + 0x1234);
    EXPECT_EQ(leaf.type, memory::MemoryType::Device);
    EXPECT_EQ(leaf.access, memory::Access::ReadWrite);
}

TEST_F(PassThroughTest, ADeviceHasOneOwner) {
    give_device(describe("alpha"));
    give_device(describe("beta"));
    boot_and_load();
    EXPECT_NE(find("alpha"), nullptr);
    EXPECT_EQ(find("beta"), nullptr) << "a range with an owner";
    describe("gamma").device_interrupts = spis;
    EXPECT_EQ(create(descriptions.back()).error(), Error::Busy) << "an interrupt with an owner";
}

TEST_F(PassThroughTest, TheHypervisorsDevicesRamAndOwnInterruptsAreRefused) {
    ASSERT_TRUE(memory.devices.reserve({registers.base + 0x8000, 4}));
    boot();
    machine::VmDescription& alpha = give_device(describe("alpha"));
    EXPECT_EQ(create(alpha).error(), Error::Busy);
    ranges[0] = {ram_range.base, 4 * KiB};
    EXPECT_EQ(create(alpha).error(), Error::Denied);
    alpha.device_ranges = {};
    spis[0].physical = hyp_timer_intid;
    EXPECT_EQ(create(alpha).error(), Error::OutOfRange);
    spis[0] = {IntId(gic.interrupts()), intid};
    EXPECT_EQ(create(alpha).error(), Error::OutOfRange);
    spis[0] = {physical, IntId(20)};
    EXPECT_EQ(create(alpha).error(), Error::OutOfRange);
    for (const u32 emulated : {guest::console_intid, guest::agent_intid, guest::optee_intid}) {
        spis[0] = {physical, IntId(emulated)};
        EXPECT_EQ(create(alpha).error(), Error::Busy) << emulated;
    }
    spis[0] = {physical, intid};
    EXPECT_TRUE(create(alpha)) << "nothing was left behind";
}

TEST_F(PassThroughTest, RegistersDoNotHideWhatElseTheVmHas) {
    boot();
    machine::VmDescription& alpha = give_device(describe("alpha"));
    for (const Ipa taken :
         {guest::console_base, guest::gicr_base, guest::ram_base + 8 * MiB, guest::stolen_time_base}) {
        ranges[0] = {Pa(taken.value), page_size};
        EXPECT_EQ(create(alpha).error(), Error::AlreadyMapped) << taken.value;
    }
    ranges[0] = {Pa(0x0901'0000), page_size};
    EXPECT_TRUE(create(alpha));
}

TEST_F(PassThroughTest, TheVmHasAsManySpisAsItNeeds) {
    describe("small");
    give_device(describe("large"));
    boot_and_load();
    EXPECT_EQ(vm("small").vgic().interrupts(), 128u);
    EXPECT_EQ(vm("large").vgic().interrupts(), 512u);
}

TEST_F(PassThroughTest, WhileTheVmIsPausedItsInterruptsDoNotCome) {
    Vm& alpha = boot_with_device();
    enter(0);
    gic.wires[physical.value] = true;
    fire(0);
    EXPECT_TRUE(gic.active[physical.value]);
    EXPECT_TRUE(alpha.pause());
    EXPECT_FALSE(gic.enabled[physical.value]);
    enter(0);
    EXPECT_FALSE(gic.active[physical.value]);
    EXPECT_TRUE(alpha.resume());
    EXPECT_TRUE(gic.enabled[physical.value]);
    EXPECT_TRUE(alpha.pause());
    alpha.request_stop(StopReason::Reset);
    settle();
    EXPECT_FALSE(gic.enabled[physical.value]);
    enable(vm("alpha"));
    EXPECT_TRUE(gic.enabled[physical.value]) << "the pause ended with the life before";
}

TEST_F(PassThroughTest, AVmThatEndsIsSilentBeforeItsMemoryIsGivenBack) {
    give_device(describe_on(0, "alpha"));
    describe_on(0, "beta"); // runs between the steps of the other's end
    boot_and_load();
    Vm& alpha = vm("alpha");
    enable(alpha);
    alpha.request_stop(StopReason::Destroyed);
    bool seen = false;
    for (unsigned turn = 0; turn < 200 && find("alpha") != nullptr; ++turn) {
        if (!alpha.vcpus().is_on(0)) {
            seen = true;
            EXPECT_FALSE(gic.enabled[physical.value]);
        }
        arch::fake_ticks += 3 * millisecond;
        take_timer(0);
        enter(0);
    }
    EXPECT_TRUE(seen) << "it ends in steps";
}

TEST_F(PassThroughTest, AnInterruptFollowsTheVcpuThatItIsRoutedTo) {
    machine::VmDescription& description = give_device(describe("alpha", 2));
    description.pinned = true;
    description.cpu = {0, 1};
    boot_and_load();
    Vm& alpha = vm("alpha");
    EXPECT_EQ(gic.routes[physical.value], cpus[0].mpidr);
    enable(alpha);
    EXPECT_TRUE(gic.enabled[physical.value]);
    write_distributor(alpha, irqchip::gicd::irouter + 8 * intid.value, 8, 1);
    EXPECT_EQ(gic.routes[physical.value], cpus[1].mpidr);
}

TEST_F(PassThroughTest, AnotherCpuTakesIt) {
    boot_with_device();
    enter(0);
    virtual_interfaces[0].open();
    gic.wires[physical.value] = true;
    fire(1);
    EXPECT_TRUE(attention(0)) << "CPU 0 runs the vCPU, and is kicked";
    enter(0);
    EXPECT_EQ(virtual_interfaces[0].acknowledge(), intid.value);
    gic.wires[physical.value] = false;
    virtual_interfaces[0].end(intid.value);
    EXPECT_FALSE(gic.active[physical.value]);
    EXPECT_TRUE(interfaces[1].deactivated.empty());
}

TEST_F(PassThroughTest, AVmThatDiesWithItsInterruptActiveLeavesNothingBehind) {
    Vm& alpha = boot_with_device();
    gic.wires[physical.value] = true;
    fire(0);
    gic.latched[physical.value] = true;
    EXPECT_TRUE(gic.active[physical.value]);
    alpha.request_stop(StopReason::Destroyed);
    for (unsigned turn = 0; turn < 200 && find("alpha") != nullptr; ++turn) {
        enter(0);
        enter(1);
        arch::fake_ticks += 3 * millisecond;
        take_timer(0);
        take_timer(1);
    }
    ASSERT_EQ(find("alpha"), nullptr);
    EXPECT_FALSE(gic.enabled[physical.value]);
    EXPECT_FALSE(gic.active[physical.value]);
    EXPECT_FALSE(gic.latched[physical.value]);
    fire(1); // was acknowledged before it was disabled
    EXPECT_EQ(interfaces[1].deactivated.back(), physical);
    EXPECT_TRUE(manager->start("alpha")) << "its device is free again";
    settle();
    EXPECT_TRUE(vm("alpha").memory().stage2().lookup(base));
}

TEST_F(PassThroughTest, AVmThatRestartsHasItsDeviceAsAfterPowerOn) {
    give_device(describe_on(0, "alpha"));
    boot_and_load();
    enable(vm("alpha"));
    gic.wires[physical.value] = true;
    fire(0);
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    ASSERT_NE(find("alpha"), nullptr);
    EXPECT_FALSE(gic.enabled[physical.value]);
    EXPECT_FALSE(gic.active[physical.value]);
    EXPECT_TRUE(vm("alpha").memory().stage2().lookup(base));
    enable(vm("alpha"));
    EXPECT_TRUE(gic.enabled[physical.value]);
}

} // namespace
} // namespace trv::vm
