// SPDX-License-Identifier: Apache-2.0
// The driver on registers that are memory: what it writes where. How a GIC behaves is seen on the machine.
#include "arch/registers/icc.hpp"
#include "arch/registers/ich.hpp"
#include "irqchip/gicv3/gicv3.hpp"
#include "irqchip/gicv3/layout.hpp"
#include "irqchip/interface/virtual_interface.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::irqchip {
namespace {

static_assert(GicDriver<Gicv3>);
static_assert(CpuInterruptsDriver<Redistributor>);

class Gicv3Test : public testing::Test {
  protected:
    static constexpr u64 frame = 64 * KiB;
    static constexpr u64 other_cpu = 0x1'00'01'02'03; ///< Aff3 1, Aff2 1, Aff1 2, Aff0 3

    Gicv3Test() {
        arch::Ich::type = u64{4} << 29 | u64{4} << 26 | 3; // 5 priority and preemption bits, 4 list registers
        distributor_at(gicd::pidr2) = pidr2_gicv3;
        distributor_at(gicd::typer) = 2; // 96 interrupts
        redistributor_at(0, gicr::typer + 4) = 0;
        redistributor_at(1, gicr::typer + 4) = 0x0101'0203;
        redistributor_at(1, gicr::typer) = gicr::typer_last;
    }

    u32& distributor_at(u64 offset) { return distributor[offset / 4]; }
    u32& redistributor_at(unsigned n, u64 offset) { return redistributors[(n * 2 * frame + offset) / 4]; }
    Result<void> init() {
        const RedistributorRegion region{address_of(redistributors), 4 * frame};
        return gic.init(address_of(distributor), {&region, 1}, 0);
    }
    static Va address_of(const std::vector<u32>& memory) { return Va(reinterpret_cast<u64>(memory.data())); }

    std::vector<u32> distributor = std::vector<u32>(frame / 4);
    std::vector<u32> redistributors = std::vector<u32>(4 * frame / 4);
    Gicv3 gic;
};

TEST_F(Gicv3Test, RefusesAnOlderArchitecture) {
    distributor_at(gicd::pidr2) = 0x2b;
    EXPECT_EQ(init().error(), Error::Unsupported);
}

TEST_F(Gicv3Test, TakesOverAllSpisDisabledAndInactive) {
    ASSERT_TRUE(init());
    EXPECT_EQ(gic.interrupts(), 96U);
    for (const unsigned word : {1U, 2U}) {
        EXPECT_EQ(distributor_at(gic_bank::icenabler + 4 * word), ~u32{0});
        EXPECT_EQ(distributor_at(gic_bank::icactiver + 4 * word), ~u32{0});
    }
    EXPECT_EQ(distributor_at(gic_bank::icenabler), 0U) << "those of the first word are the redistributors'";
    EXPECT_EQ(distributor_at(gic_bank::icenabler + 12), 0U) << "does not exist";
    EXPECT_EQ(distributor_at(gicd::ctlr), gicd::ctlr_affinity_routing | gicd::ctlr_enable_group1);
}

TEST_F(Gicv3Test, FindsTheRedistributorByAffinityAndStartsTheCpu) {
    ASSERT_TRUE(init());
    arch::Ich::lr.fill(1);
    ASSERT_TRUE(gic.init_cpu(1, other_cpu));
    EXPECT_EQ(redistributor_at(1, gicr::sgi_base + gic_bank::icenabler), ~u32{0});
    EXPECT_EQ(redistributor_at(0, gicr::sgi_base + gic_bank::icenabler), 0U);
    EXPECT_EQ(arch::Icc::ctlr, 2U) << "EOImode";
    EXPECT_EQ(arch::Icc::igrpen1, 1U);
    EXPECT_EQ(arch::Ich::lr[3], 0U);
    EXPECT_EQ(arch::Ich::lr[4], 1U) << "does not exist";
    EXPECT_EQ(arch::Ich::vmcr, ich_vmcr::reset_value(arch::Ich::type));
    EXPECT_EQ(gic.init_cpu(2, 7).error(), Error::NotFound);

    gic.of_cpu(1).enable(IntId(27));
    EXPECT_EQ(redistributor_at(1, gicr::sgi_base + gic_bank::isenabler), u32{1} << 27);
    gic.of_cpu(1).set_trigger(IntId(17), Trigger::Edge);
    EXPECT_EQ(redistributor_at(1, gicr::sgi_base + gic_bank::icfgr + 4), u32{8});
}

TEST_F(Gicv3Test, ConfiguresAnSpi) {
    ASSERT_TRUE(init());
    gic.enable(IntId(65));
    EXPECT_EQ(distributor_at(gic_bank::isenabler + 8), u32{2});
    gic.set_trigger(IntId(65), Trigger::Edge);
    gic.set_trigger(IntId(66), Trigger::Edge);
    gic.set_trigger(IntId(65), Trigger::Level);
    EXPECT_EQ(distributor_at(gic_bank::icfgr + 16), u32{0x20});
    gic.route(IntId(65), u64{1} << 31 | other_cpu);
    EXPECT_EQ(distributor_at(gicd::irouter + 8 * 65), 0x01'02'03U);
    EXPECT_EQ(distributor_at(gicd::irouter + 8 * 65 + 4), 1U);
}

TEST_F(Gicv3Test, TakesAnSpiBack) {
    ASSERT_TRUE(init());
    for (const u64 array : {gic_bank::icenabler, gic_bank::icactiver, gic_bank::icpendr}) {
        distributor_at(array + 8) = 0;
    }
    gic.disable(IntId(66));
    gic.clear_active(IntId(66));
    gic.clear_pending(IntId(66));
    for (const u64 array : {gic_bank::icenabler, gic_bank::icactiver, gic_bank::icpendr}) {
        EXPECT_EQ(distributor_at(array + 8), u32{4});
    }
    EXPECT_FALSE(gic.is_pending(IntId(66)));
    distributor_at(gic_bank::ispendr + 8) = 4;
    EXPECT_TRUE(gic.is_pending(IntId(66)));
    EXPECT_FALSE(gic.is_pending(IntId(65)));
}

TEST_F(Gicv3Test, SendsAnSgiToAnAffinity) {
    Gicv3::send_sgi(IntId(5), other_cpu + 0x20);
    EXPECT_EQ(arch::Icc::sgi1r, u64{1} << 48 | u64{2} << 44 | u64{1} << 32 | u64{5} << 24 | u64{2} << 16 | 1 << 3);
}

} // namespace
} // namespace trv::irqchip
