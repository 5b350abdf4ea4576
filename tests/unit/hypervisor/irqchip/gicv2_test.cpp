// SPDX-License-Identifier: Apache-2.0
// The driver on registers that are memory: what it writes where. How a GIC behaves is seen on the machine.
#include "irqchip/gicv2/frames.hpp"
#include "irqchip/gicv2/gicv2.hpp"
#include "irqchip/gicv2/layout.hpp"
#include "irqchip/gicv2/virtual_interface.hpp"
#include "irqchip/gicv3/layout.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::irqchip {
namespace {

static_assert(GicDriver<Gicv2>);
static_assert(CpuInterruptsDriver<Gicv2CpuInterrupts>);
static_assert(VirtualInterfaceDriver<Gicv2VirtualInterface>);

constexpr u32 type_with_security = 2 | gicd_v2::typer_security; ///< 96 interrupts
constexpr u32 gic400_iidr = 0x0200'143b;
constexpr u32 four_list_registers = 4U << 29 | 4U << 26 | 3; ///< and 5 priority and preemption bits

class Gicv2Test : public testing::Test {
  protected:
    Gicv2Test() {
        gicv2_frames = Gicv2Frames{};
        gicv2_frames.distributor = address_of(distributor);
        gicv2_frames.cpu_interface = address_of(interface);
        gicv2_frames.virtual_control = address_of(control);
        at(gicd_v2::icpidr2) = gicd_v2::icpidr2_gicv2;
        at(gicd_v2::typer) = type_with_security;
        at(gicd_v2::iidr) = gic400_iidr;
        control.at(gich::vtr / 4) = four_list_registers;
    }
    ~Gicv2Test() override { gicv2_frames = Gicv2Frames{}; }

    u32& at(u64 offset) { return distributor.at(offset / 4); }
    u32& interface_at(u64 offset) { return interface.at(offset / 4); }
    void start_cpu(unsigned cpu, u64 mpidr, u32 bit) {
        at(gicd_v2::itargetsr) = bit * 0x0101'0101U;
        ASSERT_TRUE(gic.init_cpu(cpu, mpidr));
    }
    static Va address_of(const std::vector<u32>& memory) { return Va(reinterpret_cast<u64>(memory.data())); }

    std::vector<u32> distributor = std::vector<u32>(gicd_v2::frame_size / 4);
    std::vector<u32> interface = std::vector<u32>(gicc::size / 4);
    std::vector<u32> control = std::vector<u32>(4 * KiB / 4);
    Gicv2 gic;
};

TEST_F(Gicv2Test, RefusesAnotherArchitecture) {
    at(gicd_v2::icpidr2) = 0x3b;
    EXPECT_EQ(gic.init().error(), Error::Unsupported);
}

TEST_F(Gicv2Test, TakesOverAllSpisDisabledInactiveAndWithoutATarget) {
    at(gicd_v2::itargetsr + 32) = 0x0101'0101;
    at(gic_bank::igroupr + 4) = 0x1234;
    ASSERT_TRUE(gic.init());
    EXPECT_EQ(gic.interrupts(), 96U);
    for (const unsigned word : {1U, 2U}) {
        EXPECT_EQ(at(gic_bank::icenabler + 4 * word), ~u32{0});
        EXPECT_EQ(at(gic_bank::icactiver + 4 * word), ~u32{0});
    }
    EXPECT_EQ(at(gic_bank::icenabler), 0U) << "those are the CPUs'";
    EXPECT_EQ(at(gic_bank::icenabler + 12), 0U) << "does not exist";
    EXPECT_EQ(at(gicd_v2::itargetsr + 32), 0U);
    EXPECT_EQ(at(gic_bank::ipriorityr + 32), 0xa0a0'a0a0U);
    EXPECT_EQ(at(gic_bank::igroupr + 4), 0x1234U) << "firmware's";
    EXPECT_EQ(at(gicd_v2::ctlr), gicd_v2::ctlr_enable_own);
}

TEST_F(Gicv2Test, ChoosesTheGroupWhereThereIsOneSecurityState) {
    at(gicd_v2::typer) = 2;
    at(gic_bank::igroupr + 4) = 0x1234;
    ASSERT_TRUE(gic.init());
    EXPECT_EQ(at(gic_bank::igroupr + 4), 0U);
}

TEST_F(Gicv2Test, StartsACpu) {
    ASSERT_TRUE(gic.init());
    control.at(gich::lr / 4 + 3) = 1;
    control.at(gich::lr / 4 + 4) = 1;
    control.at(gich::apr / 4) = 1;
    start_cpu(1, 0x101, 4);
    EXPECT_EQ(at(gic_bank::icenabler), ~u32{0});
    EXPECT_EQ(at(gic_bank::icactiver), ~u32{0});
    EXPECT_EQ(interface_at(gicc::ctlr), gicc::ctlr_enable_own | gicc::ctlr_eoi_mode);
    EXPECT_EQ(interface_at(gicc::pmr), 0xffU);
    EXPECT_EQ(control.at(gich::lr / 4 + 3), 0U);
    EXPECT_EQ(control.at(gich::lr / 4 + 4), 1U) << "does not exist";
    EXPECT_EQ(control.at(gich::apr / 4), 0U);
    EXPECT_EQ(gicv2_frames.interface_of(0x101), 4U);
    EXPECT_EQ(gicv2_frames.interface_of(0), 0U);

    gic.of_cpu(1).enable(IntId(27));
    EXPECT_EQ(at(gic_bank::isenabler), u32{1} << 27);
    gic.of_cpu(1).set_trigger(IntId(17), Trigger::Edge);
    EXPECT_EQ(at(gic_bank::icfgr + 4), u32{8});
    gic.of_cpu(1).set_active(u32{1} << 27);
    EXPECT_EQ(at(gic_bank::isactiver), u32{1} << 27);
}

TEST_F(Gicv2Test, FindsItsInterfaceBehindPrivateInterruptsThatDoNotExist) {
    at(gicd_v2::itargetsr) = 0;
    at(gicd_v2::itargetsr + 24) = 0x0008'0000;
    ASSERT_TRUE(gic.init_cpu(0, 7));
    EXPECT_EQ(gicv2_frames.interface_of(7), 8U);
    at(gicd_v2::itargetsr + 24) = 0;
    ASSERT_TRUE(gic.init_cpu(1, 8));
    EXPECT_EQ(gicv2_frames.interface_of(8), 1U) << "the only CPU";
}

TEST_F(Gicv2Test, ConfiguresAnSpi) {
    ASSERT_TRUE(gic.init());
    start_cpu(0, 0, 1);
    start_cpu(1, 0x100, 2);
    gic.enable(IntId(65));
    EXPECT_EQ(at(gic_bank::isenabler + 8), u32{2});
    gic.set_trigger(IntId(65), Trigger::Edge);
    gic.set_trigger(IntId(66), Trigger::Edge);
    gic.set_trigger(IntId(65), Trigger::Level);
    EXPECT_EQ(at(gic_bank::icfgr + 16), u32{0x20});
    gic.route(IntId(65), 0x100);
    gic.route(IntId(67), 0);
    gic.route(IntId(65), 0);
    gic.route(IntId(66), 0x100);
    EXPECT_EQ(at(gicd_v2::itargetsr + 64), 0x0102'0100U);
}

TEST_F(Gicv2Test, RoutesToTheCallingCpuBeforeThatIsInitialised) {
    ASSERT_TRUE(gic.init());
    at(gicd_v2::itargetsr) = 0x1010'1010;
    gic.route(IntId(64), 0x300);
    EXPECT_EQ(at(gicd_v2::itargetsr + 64), 0x10U);
}

TEST_F(Gicv2Test, TakesAnSpiBack) {
    ASSERT_TRUE(gic.init());
    for (const u64 array : {gic_bank::icenabler, gic_bank::icactiver, gic_bank::icpendr}) {
        at(array + 8) = 0;
    }
    gic.disable(IntId(66));
    gic.clear_active(IntId(66));
    gic.clear_pending(IntId(66));
    for (const u64 array : {gic_bank::icenabler, gic_bank::icactiver, gic_bank::icpendr}) {
        EXPECT_EQ(at(array + 8), u32{4});
    }
    EXPECT_FALSE(gic.is_pending(IntId(66)));
    at(gic_bank::ispendr + 8) = 4;
    EXPECT_TRUE(gic.is_pending(IntId(66)));
}

TEST_F(Gicv2Test, CompletesAnSgiWithItsSenderAtOnce) {
    interface_at(gicc::iar) = 3U << gicc::cpu_shift | 5;
    EXPECT_EQ(Gicv2::acknowledge(), IntId(5));
    EXPECT_EQ(interface_at(gicc::eoir), 3U << gicc::cpu_shift | 5);
    EXPECT_EQ(interface_at(gicc::dir_page), 3U << gicc::cpu_shift | 5);
    interface_at(gicc::eoir) = 0;
    interface_at(gicc::dir_page) = 0;
    Gicv2::drop_priority(IntId(5));
    Gicv2::deactivate(IntId(5));
    EXPECT_EQ(interface_at(gicc::eoir), 0U);
    EXPECT_EQ(interface_at(gicc::dir_page), 0U);
}

TEST_F(Gicv2Test, SplitsTheCompletionOfOthers) {
    interface_at(gicc::iar) = 27;
    EXPECT_EQ(Gicv2::acknowledge(), IntId(27));
    EXPECT_EQ(interface_at(gicc::eoir), 0U);
    Gicv2::drop_priority(IntId(27));
    EXPECT_EQ(interface_at(gicc::eoir), 27U);
    EXPECT_EQ(interface_at(gicc::dir_page), 0U);
    Gicv2::deactivate(IntId(27));
    EXPECT_EQ(interface_at(gicc::dir_page), 27U);
    interface_at(gicc::iar) = 1023;
    EXPECT_TRUE(Gicv2::acknowledge().is_special());
}

TEST_F(Gicv2Test, SendsAnSgiToTheInterfaceOfACpu) {
    ASSERT_TRUE(gic.init());
    start_cpu(0, 0, 1);
    start_cpu(1, 0x100, 8);
    Gicv2::send_sgi(IntId(5), 0x100);
    EXPECT_EQ(at(gicd_v2::sgir), 8U << gicd_v2::sgir_targets_shift | 5);
}

TEST_F(Gicv2Test, KnowsWhoseListRegistersDoNotReachALevelAgain) {
    ASSERT_TRUE(gic.init());
    EXPECT_TRUE(Gicv2VirtualInterface::deactivates_physical());
    at(gicd_v2::iidr) = 0x43b;
    ASSERT_TRUE(gic.init());
    EXPECT_FALSE(Gicv2VirtualInterface::deactivates_physical());
}

TEST_F(Gicv2Test, ReadsTheTypeOfTheVirtualInterfaceOnce) {
    ASSERT_TRUE(gic.init());
    control.at(gich::vtr / 4) = 0;
    EXPECT_EQ(ich_vtr::list_registers(Gicv2VirtualInterface::vtr()), 4U);
    EXPECT_EQ(ich_vtr::active_priority_registers(Gicv2VirtualInterface::vtr()), 1U);
    EXPECT_EQ(Gicv2VirtualInterface::vtr() & ich_vtr::traps_deactivate, 0U);
}

TEST(GichVtr, HasNoMoreListRegistersThanIchVtrCanSay) {
    EXPECT_EQ(ich_vtr::list_registers(ich_vtr_of(63)), max_list_registers);
    EXPECT_EQ(ich_vtr::list_registers(ich_vtr_of(15)), 16U);
    EXPECT_EQ(ich_vtr::list_registers(ich_vtr_of(0)), 1U);
}

TEST(GichLr, HasAllThatIchLrSays) {
    const u64 common = u64{0xa8} << ich_lr::priority_shift | ich_lr::group1 | ich_lr::active;
    EXPECT_EQ(gich_lr_of(common | ich_lr::hardware | u64{300} << ich_lr::physical_shift | 200),
              gich::lr_hardware | gich::lr_group1 | gich::lr_active | 0x15U << 23 | 300U << 10 | 200);
    EXPECT_EQ(gich_lr_of(common | ich_lr::pending | ich_lr::eoi | u64{5} << ich_lr::sender_shift | 9),
              gich::lr_group1 | gich::lr_active | gich::lr_pending | gich::lr_eoi | 0x15U << 23 | 5U << 10 | 9);
    EXPECT_EQ(gich_lr_of(0), 0U);
}

TEST(GichLr, ComesBackAsIchLr) {
    constexpr u64 samples[] = {
        0,
        ich_lr::pending | 40,
        ich_lr::active | ich_lr::group1 | u64{0xf8} << ich_lr::priority_shift | 1019,
        ich_lr::pending | ich_lr::hardware | u64{1019} << ich_lr::physical_shift | 27,
        ich_lr::active | ich_lr::pending | ich_lr::eoi | u64{7} << ich_lr::sender_shift | 15,
    };
    for (const u64 sample : samples) {
        EXPECT_EQ(ich_lr_of(gich_lr_of(sample)), sample);
    }
}

TEST(CpuInterface, IsAtTheEndOfTheFirst64KiBWhereEachPageFillsThem) {
    EXPECT_EQ(offset_of_pages(8 * KiB), 0U);
    EXPECT_EQ(offset_of_pages(64 * KiB), 0U);
    EXPECT_EQ(offset_of_pages(128 * KiB), 0xf000U);
}

} // namespace
} // namespace trv::irqchip
