// SPDX-License-Identifier: Apache-2.0
#include "v2_machine.hpp"

namespace trv::vdev {
namespace {

namespace gicd = irqchip::gicd_v2;
namespace reg = irqchip::gic_bank;

class VGicV2Registers : public VGicV2Test {};

TEST_F(VGicV2Registers, SaysWhatItIs) {
    EXPECT_EQ(read(gicd::typer), 3U | 3U << gicd::typer_cpus_shift) << "128 interrupts, 4 CPUs, one security state";
    EXPECT_EQ(read(gicd::icpidr2), gicd::icpidr2_gicv2);
    EXPECT_EQ(read(gicd::iidr) & 0xfff, 0x43bU);
}

TEST_F(VGicV2Registers, AreOffAndInGroup0AfterReset) {
    write(gicd::ctlr, 3);
    EXPECT_EQ(read(gicd::ctlr), 3U);
    write(reg::igroupr, ~u32{0});
    write(reg::igroupr + 4, ~u32{0});
    write(gicd::itargetsr + 32, 0x0f0f'0f0f);
    gic.reset();
    EXPECT_EQ(read(gicd::ctlr), 0U);
    EXPECT_EQ(read(reg::igroupr), 0U);
    EXPECT_EQ(read(reg::igroupr + 4), 0U);
    EXPECT_EQ(read(gicd::itargetsr + 32), 0x0101'0101U);
}

TEST_F(VGicV2Registers, PrivateInterruptsAreOfTheVcpuThatLooks) {
    start();
    enable(20, 1);
    EXPECT_FALSE(read_bit(reg::isenabler, 20, 0));
    EXPECT_TRUE(read_bit(reg::isenabler, 20, 1));
    write(reg::ipriorityr + 20, 0x48, 2, 1);
    EXPECT_EQ(read(reg::ipriorityr + 20, 2, 1), 0x48U);
    EXPECT_EQ(read(reg::ipriorityr + 20, 1, 1), 0U);
    write(reg::icfgr + 4, 2U << 8, 3);
    EXPECT_EQ(read(reg::icfgr + 4, 3), 2U << 8);
    EXPECT_EQ(read(reg::icfgr + 4, 0), 0U);
    EXPECT_EQ(read(reg::icfgr), 0xaaaa'aaaaU) << "SGIs are edges";
}

TEST_F(VGicV2Registers, TheTargetOfAPrivateInterruptIsWhoeverLooks) {
    EXPECT_EQ(read(gicd::itargetsr, 0), 0x0101'0101U);
    EXPECT_EQ(read(gicd::itargetsr + 28, 3), 0x0808'0808U);
    EXPECT_EQ(read(gicd::itargetsr + 5, 2, 1), 4U);
    write(gicd::itargetsr, 0x0202'0202, 0);
    EXPECT_EQ(read(gicd::itargetsr, 0), 0x0101'0101U);
}

TEST_F(VGicV2Registers, TargetsAreVcpusThatExist) {
    write(gicd::itargetsr + 40, 0xff06'0100);
    EXPECT_EQ(read(gicd::itargetsr + 40), 0x0f06'0100U);
    write(gicd::itargetsr + 41, 8, 0, 1);
    EXPECT_EQ(read(gicd::itargetsr + 40), 0x0f06'0800U);
    EXPECT_EQ(read(gicd::itargetsr + 42, 0, 2), 0U) << "no half words";
    write(gicd::itargetsr + 0x3fc, ~u32{0});
    EXPECT_EQ(read(gicd::itargetsr + 0x3fc), 0U) << "interrupts that do not exist";
}

class VGicV2OfOneVcpu : public VGicV2Test {
  public:
    VGicV2OfOneVcpu() : VGicV2Test(1) {}
};

TEST_F(VGicV2OfOneVcpu, HasNoTargets) {
    start();
    write(gicd::itargetsr + 40, ~u32{0});
    EXPECT_EQ(read(gicd::itargetsr + 40), 0U);
    EXPECT_EQ(read(gicd::itargetsr), 0U);
    enable(40);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(0).acknowledge_and_end(), 40U) << "the only one is everything's target";
}

TEST_F(VGicV2Registers, AnSpiGoesToItsFirstTarget) {
    start();
    write(reg::icfgr + 8, 2U << 2 * (40 % 16)); // an edge
    enable(40);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(0).acknowledge_and_end(), 40U);
    write(gicd::itargetsr + 40, 0x0c, 0, 1);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    EXPECT_EQ(enter(3).acknowledge(), spurious);
    EXPECT_EQ(enter(2).acknowledge_and_end(), 40U);
    write(gicd::itargetsr + 40, 0, 0, 1);
    gic.pulse(IntId(40));
    for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
        EXPECT_EQ(enter(vcpu).acknowledge(), spurious);
    }
    EXPECT_TRUE(read_bit(reg::ispendr, 40));
    write(gicd::itargetsr + 40, 2, 0, 1);
    EXPECT_EQ(enter(1).acknowledge_and_end(), 40U);
}

TEST_F(VGicV2Registers, ReservedOnesReadAsZero) {
    for (const u64 offset : {0x00cU, 0x040U, 0xd00U, 0xe00U, 0xf00U, 0xf30U, 0xfdcU, 0xffcU}) {
        write(offset, ~u32{0});
        EXPECT_EQ(read(offset), 0U) << offset;
    }
    EXPECT_EQ(read(gicd::typer, 0, 1), 0U);
    EXPECT_EQ(read(gicd::itargetsr, 0, 8), 0U);
}

TEST_F(VGicV2Registers, GroupsAreSwitchedSeparately) {
    start();
    enable(40);
    write(reg::igroupr + 4, IntId(40).bit());
    write(gicd::ctlr, gicd::ctlr_enable_group0);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(0).acknowledge(), spurious);
    write(gicd::ctlr, gicd::ctlr_enable_group1);
    EXPECT_EQ(enter(0).acknowledge_and_end(), 40U);
}

TEST_F(VGicV2Registers, TheVcpusInterfaceIsOffAfterReset) {
    start();
    unload(2);
    gic.reset_vcpu(2);
    load(2);
    EXPECT_EQ(cpus[2].vmcr & (irqchip::ich_vmcr::fiq_enable | 3), 0U);
    EXPECT_EQ(irqchip::ich_vmcr::priority_mask_of(cpus[2].vmcr), 0U);
}

} // namespace
} // namespace trv::vdev
