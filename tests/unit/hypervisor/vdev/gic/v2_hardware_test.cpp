// SPDX-License-Identifier: Apache-2.0
// Completion on a GICv2: by GICC_DIR, and of physical interrupts where list registers do not reach them.
#include "v2_machine.hpp"

namespace trv::vdev {
namespace {

namespace reg = irqchip::gic_bank;
using irqchip::ich_vmcr::eoi_mode;

class VGicV2Hardware : public VGicV2Test {
  public:
    VGicV2Hardware() {
        gic.bind_hardware(0, IntId(timer), IntId(26));
        start();
        enable(timer);
    }
    void fire() {
        at(0);
        inputs.wires[0] = IntId(timer).bit();
        private_interrupts[0].active |= IntId(26).bit();
        gic.inject_hardware(0, IntId(timer));
    }
    [[nodiscard]] bool is_physically_active() const { return (private_interrupts[0].active & IntId(26).bit()) != 0; }
};

TEST_F(VGicV2Hardware, IsDeactivatedByTheGuest) {
    fire();
    EXPECT_EQ(enter(0).acknowledge(), timer);
    EXPECT_TRUE(is_physically_active());
    enter(0).end(timer);
    EXPECT_FALSE(is_physically_active());
    EXPECT_FALSE(cpus[0].maintenance());
}

class VGicV2WithoutLinks : public VGicV2Hardware {
  public:
    VGicV2WithoutLinks() {
        for (irqchip::FakeVirtualInterface& cpu : cpus) {
            cpu.deactivates_physical = false;
        }
    }
};

TEST_F(VGicV2WithoutLinks, TheGuestsCompletionExitsAndIsPassedOn) {
    fire();
    EXPECT_EQ(enter(0).find(timer) & irqchip::ich_lr::hardware, 0U);
    EXPECT_EQ(enter(0).acknowledge(), timer);
    EXPECT_TRUE(is_physically_active());
    enter(0).end(timer);
    EXPECT_TRUE(is_physically_active());
    EXPECT_TRUE(cpus[0].maintenance());
    maintain(0);
    EXPECT_FALSE(is_physically_active());
    EXPECT_FALSE(gic.is_hardware_held(0, IntId(timer)));
    fire(); // its wire is still high
    EXPECT_EQ(enter(0).acknowledge_and_end(), timer);
}

TEST_F(VGicV2WithoutLinks, ACompletionBeforeTheVcpuIsUnloadedEndsIt) {
    fire();
    EXPECT_EQ(enter(0).acknowledge_and_end(), timer);
    unload(0);
    EXPECT_FALSE(is_physically_active());
    EXPECT_FALSE(gic.is_hardware_held(0, IntId(timer)));
}

TEST_F(VGicV2WithoutLinks, StaysHeldWhileTheGuestHandlesIt) {
    fire();
    EXPECT_EQ(enter(0).acknowledge(), timer);
    unload(0);
    EXPECT_FALSE(is_physically_active());
    EXPECT_TRUE(gic.is_hardware_held(0, IntId(timer)));
    load(0);
    EXPECT_TRUE(is_physically_active());
    enter(0).end(timer);
    maintain(0);
    EXPECT_FALSE(is_physically_active());
}

TEST_F(VGicV2Hardware, DirDeactivatesTheOneThatItNames) {
    cpus[0].vmcr |= eoi_mode;
    constexpr u32 first = 40;
    constexpr u32 count = 12; // more than list registers
    for (u32 spi = first; spi < first + count; ++spi) {
        enable(spi);
        write(reg::ipriorityr + spi, (first + count - spi) * 8, 0, 1);
        gic.pulse(IntId(spi));
        EXPECT_EQ(enter(0).acknowledge(), spi);
        cpus[0].end(spi);
    }
    for (u32 spi = first; spi < first + count; ++spi) {
        EXPECT_TRUE(read_bit(reg::isactiver, spi));
        deactivate(spi);
        enter(0);
        EXPECT_FALSE(read_bit(reg::isactiver, spi));
        EXPECT_EQ(read_bit(reg::isactiver, spi + 1), spi + 1 < first + count);
    }
}

TEST_F(VGicV2Hardware, DirDeactivatesThePhysicalOne) {
    cpus[0].vmcr |= eoi_mode;
    fire();
    EXPECT_EQ(enter(0).acknowledge(), timer);
    cpus[0].end(timer);
    EXPECT_TRUE(is_physically_active());
    deactivate(timer);
    enter(0);
    EXPECT_FALSE(is_physically_active());
    EXPECT_FALSE(read_bit(reg::isactiver, timer));
}

TEST_F(VGicV2Hardware, DirHasNoEffectWithoutEoiModeOrForWhatDoesNotExist) {
    enable(40);
    gic.pulse(IntId(40));
    EXPECT_EQ(enter(0).acknowledge(), 40U);
    deactivate(40);
    EXPECT_TRUE(read_bit(reg::isactiver, 40));
    cpus[0].vmcr |= eoi_mode;
    deactivate(1023);
    EXPECT_TRUE(read_bit(reg::isactiver, 40));
    EXPECT_EQ(gic.deactivation().read({0, 4, 0}).value, 0U);
}

} // namespace
} // namespace trv::vdev
