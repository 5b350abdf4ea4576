// SPDX-License-Identifier: Apache-2.0
// More interrupts pending or active than there are list registers.

#include "vgic_machine.hpp"

namespace trv::vdev {
namespace {

using irqchip::FakeVirtualInterface;
namespace ich_hcr = irqchip::ich_hcr;
namespace ich_vmcr = irqchip::ich_vmcr;
namespace reg = irqchip::gic_bank;

class VGicOverflow : public VGicTest {
  public:
    VGicOverflow() { start(); }
};

TEST_F(VGicOverflow, MorePendingThanListRegistersComeInOrder) {
    for (const unsigned list_registers : {1u, 2u, 4u, 16u}) {
        cpus[0].list_registers = list_registers;
        enable_edges(32, 96);
        std::vector<u32> expected;
        for (u32 intid = 32; intid < 128; ++intid) {
            set_priority(intid, static_cast<u8>((127 - intid) / 4 * 8));
            gic.pulse(IntId(intid));
        }
        for (u32 first = 124; first >= 32; first -= 4) {
            expected.insert(expected.end(), {first, first + 1, first + 2, first + 3});
        }
        enter(0);
        EXPECT_EQ(cpus[0].used(), list_registers);
        EXPECT_EQ(cpus[0].hcr & ich_hcr::no_pending, ich_hcr::no_pending);
        EXPECT_EQ(drain(0), expected) << list_registers;
        EXPECT_EQ(cpus[0].hcr, ich_hcr::enable);
    }
}

TEST_F(VGicOverflow, AMoreUrgentOneTakesTheListRegisterOfALesser) {
    enable_edges(40, 6);
    for (u32 intid = 40; intid < 46; ++intid) {
        set_priority(intid, intid == 45 ? 0x10 : 0x80);
    }
    for (u32 intid = 40; intid < 44; ++intid) {
        gic.pulse(IntId(intid));
    }
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_EQ(cpu.used(), 4u);
    gic.pulse(IntId(45));
    enter(0);
    EXPECT_NE(cpu.find(45), 0u);
    EXPECT_EQ(drain(0), (std::vector<u32>{45, 40, 41, 42, 43}));
}

TEST_F(VGicOverflow, AGroupThatTheGuestHasOffDoesNotFillTheListRegisters) {
    enable_edges(40, 9);
    write_distributor(reg::igroupr + 4, ~u64{0xff00}); // 40 to 47 are Group 0, and more urgent than 48
    set_priority(48, 0x80);
    cpus[0].open(ich_vmcr::group1_enable);
    for (u32 intid = 40; intid < 49; ++intid) {
        gic.pulse(IntId(intid));
    }
    EXPECT_EQ(drain(0), std::vector<u32>{48});
    FakeVirtualInterface& cpu = enter(0);
    EXPECT_FALSE(gic.has_deliverable(0));
    cpu.open();
    EXPECT_TRUE(cpu.maintenance());
    EXPECT_EQ(drain(0), (std::vector<u32>{40, 41, 42, 43, 44, 45, 46, 47}));
}

TEST_F(VGicOverflow, SwitchingAListedGroupOffMakesRoomForTheOther) {
    enable_edges(40, 9);
    write_distributor(reg::igroupr + 4, ~u64{0xff00});
    set_priority(48, 0x80);
    for (u32 intid = 40; intid < 49; ++intid) {
        gic.pulse(IntId(intid));
    }
    FakeVirtualInterface& cpu = enter(0);
    cpu.open(ich_vmcr::group1_enable);
    EXPECT_TRUE(cpu.maintenance());
    EXPECT_EQ(drain(0), std::vector<u32>{48});
}

TEST_F(VGicOverflow, NestedHandlersBeyondTheListRegisters) {
    cpus[0].list_registers = 2;
    enable_edges(40, 6);
    FakeVirtualInterface& cpu = enter(0);
    for (u32 i = 0; i < 6; ++i) { // each preempts the one before
        set_priority(40 + i, static_cast<u8>(0xa0 - 0x10 * i));
        gic.pulse(IntId(40 + i));
        enter(0);
        if (cpu.maintenance()) {
            gic.maintenance(0);
        }
        ASSERT_EQ(cpu.acknowledge(), 40 + i);
    }
    if (cpu.maintenance()) {
        gic.maintenance(0);
    }
    for (u32 i = 6; i-- > 0;) {
        EXPECT_TRUE(read_bit(reg::isactiver, 40 + i));
        enter(0).end(40 + i);
        if (cpu.maintenance()) {
            gic.maintenance(0);
        }
        EXPECT_FALSE(cpu.maintenance());
        EXPECT_FALSE(read_bit(reg::isactiver, 40 + i)) << i;
    }
    enter(0);
    EXPECT_EQ(cpu.used(), 0u);
    EXPECT_EQ(cpu.hcr, ich_hcr::enable);
}

TEST_F(VGicOverflow, EndOfSeveralUnlistedInARowIsCounted) {
    cpus[0].list_registers = 1;
    enable_edges(40, 3);
    FakeVirtualInterface& cpu = enter(0);
    for (u32 i = 0; i < 3; ++i) {
        set_priority(40 + i, static_cast<u8>(0xa0 - 0x10 * i));
        gic.pulse(IntId(40 + i));
        enter(0);
        ASSERT_EQ(cpu.acknowledge(), 40 + i);
    }
    enter(0);
    gic.maintenance(0);
    cpu.end(42);
    cpu.end(41);
    cpu.end(40);
    EXPECT_EQ(ich_hcr::eoi_count_of(cpu.hcr), 2u);
    gic.maintenance(0);
    EXPECT_EQ(cpu.used(), 0u);
    EXPECT_EQ(cpu.hcr, ich_hcr::enable);
}

TEST_F(VGicOverflow, WithSeparateDeactivationActiveOnesDoNotLockNewOnesOut) {
    FakeVirtualInterface& cpu = enter(0);
    cpu.vmcr |= ich_vmcr::eoi_mode;
    enable_edges(40, 8);
    for (u32 intid = 40; intid < 48; ++intid) { // threaded handlers: priority dropped, still active
        gic.pulse(IntId(intid));
        enter(0);
        ASSERT_EQ(cpu.acknowledge(), intid);
        cpu.end(intid);
    }
    enter(0);
    EXPECT_EQ(cpu.used(), 4u);
    EXPECT_NE(cpu.hcr & ich_hcr::trap_deactivate, 0u);
    for (const u32 intid : {47u, 40u, 45u, 41u, 42u, 44u, 46u, 43u}) {
        EXPECT_TRUE(read_bit(reg::isactiver, intid));
        if (!enter(0).deactivate(intid)) {
            gic.deactivate(0, intid);
            enter(0);
        }
        EXPECT_FALSE(read_bit(reg::isactiver, intid));
    }
    enter(0);
    EXPECT_EQ(cpu.used(), 0u);
    EXPECT_EQ(cpu.hcr, ich_hcr::enable);
}

TEST_F(VGicOverflow, DeactivatingNonsenseDoesNothing) {
    enable_edges(40, 1);
    route(40, 1);
    gic.pulse(IntId(40));
    ASSERT_EQ(enter(1).acknowledge(), 40u);
    at(0);
    gic.deactivate(0, 40); // active on vCPU 1
    gic.deactivate(0, 5000);
    gic.deactivate(0, ~u64{0});
    enter(0);
    enter(1);
    EXPECT_TRUE(read_bit(reg::isactiver, 40, 1));
}

} // namespace
} // namespace trv::vdev
