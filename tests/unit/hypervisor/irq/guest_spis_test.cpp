// SPDX-License-Identifier: Apache-2.0
#include "irq/guest_spis.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace trv::irq {
namespace {

void unclaimed(void*, IntId) {}
void ours(void*, IntId) {}

struct Recorder final : SpiSink {
    void spi_fired(IntId intid) override {
        fired.push_back(intid.value);
        during();
    }
    std::vector<u32> fired;
    std::function<void()> during = [] {};
};

class GuestSpisTest : public testing::Test {
  public:
    static constexpr IntId disk{40};

    GuestSpisTest() {
        EXPECT_TRUE(table.create(gic.interrupts()));
        irqchip::FakeCpuInterface::current = &cpu;
    }
    ~GuestSpisTest() override { irqchip::FakeCpuInterface::current = nullptr; }
    /// As sched::handle_interrupts() does once it has acknowledged the interrupt.
    void take(IntId intid) {
        gic.active[intid.value] = true;
        const Owner& owner = table.owner_of(intid);
        EXPECT_EQ(owner.completion, Completion::ByGuest);
        owner.handler(owner.context, intid);
    }

    irqchip::FakeCpuInterface cpu;
    irqchip::Gic gic;
    Table table{unclaimed};
    GuestSpis spis{table, gic};
    Recorder vm;
    Recorder other;
};

TEST_F(GuestSpisTest, AnInterruptGoesToTheVmThatHoldsIt) {
    const SpiLease lease = *spis.claim(disk, vm, IntId(50));
    EXPECT_EQ(lease.physical(), disk);
    EXPECT_EQ(spis.claim(disk, other, IntId(60)).error(), Error::Busy);
    take(disk);
    EXPECT_EQ(vm.fired, std::vector<u32>{50}) << "by the VM's name";
    EXPECT_TRUE(gic.active[40]) << "the guest deactivates it";
    EXPECT_TRUE(cpu.deactivated.empty());
}

TEST_F(GuestSpisTest, TheHypervisorsOwnAndThoseThatDoNotExistAreRefused) {
    ASSERT_TRUE(table.claim(IntId(33), {.handler = ours}));
    EXPECT_EQ(spis.claim(IntId(33), vm, IntId(50)).error(), Error::Busy);
    EXPECT_EQ(spis.claim(IntId(27), vm, IntId(50)).error(), Error::OutOfRange);
    EXPECT_EQ(spis.claim(IntId(gic.interrupts()), vm, IntId(50)).error(), Error::OutOfRange);
    const SpiLease lease = *spis.claim(disk, vm, IntId(50));
    EXPECT_EQ(table.claim(disk, {.handler = ours}).error(), Error::Busy);
}

TEST_F(GuestSpisTest, ALeaseEndsWithTheInterruptDisabledAndNeitherActiveNorPending) {
    {
        const SpiLease lease = *spis.claim(disk, vm, IntId(50));
        spis.gic().enable(disk);
        spis.gic().set_trigger(disk, irqchip::Trigger::Edge);
        take(disk);
        gic.latched[40] = true;
    }
    EXPECT_FALSE(gic.enabled[40]);
    EXPECT_FALSE(gic.active[40]);
    EXPECT_FALSE(gic.latched[40]);
    const SpiLease next = *spis.claim(disk, other, IntId(60));
    EXPECT_FALSE(gic.edge[40]) << "as after a reset";
    take(disk);
    EXPECT_EQ(vm.fired.size(), 1U);
    EXPECT_EQ(other.fired, std::vector<u32>{60});
}

TEST_F(GuestSpisTest, WhatACpuAcknowledgedBeforeTheLeaseEndedIsDeactivated) {
    {
        const SpiLease lease = *spis.claim(disk, vm, IntId(50));
    }
    take(disk);
    EXPECT_TRUE(vm.fired.empty());
    EXPECT_EQ(cpu.deactivated, std::vector<IntId>{disk});
}

TEST_F(GuestSpisTest, ALeaseEndsOnlyWhenNoOtherCpuIsOnTheWayToTheVm) {
    SpiLease lease = *spis.claim(disk, vm, IntId(50));
    std::atomic<bool> inside = false;
    std::atomic<bool> ended = false;
    std::atomic<bool> too_early = false;
    vm.during = [&] {
        inside = true;
        for (int i = 0; i < 1000; ++i) {
            std::this_thread::yield();
        }
        too_early = ended.load();
    };
    std::thread second([&] { take(disk); });
    while (!inside) {
        std::this_thread::yield();
    }
    lease = SpiLease();
    ended = true;
    second.join();
    EXPECT_FALSE(too_early);
}

TEST_F(GuestSpisTest, TheFirstLeaseBeginsNeitherActiveNorPending) {
    gic.active[40] = true;
    gic.latched[40] = true; // firmware's, or from a wire that moved before anyone claimed it
    const SpiLease lease = *spis.claim(disk, vm, IntId(50));
    EXPECT_FALSE(gic.active[40]);
    EXPECT_FALSE(gic.latched[40]);
}

TEST_F(GuestSpisTest, AnotherVmGetsItOnlyWhenItIsInactive) {
    SpiLease lease = *spis.claim(disk, vm, IntId(50));
    std::atomic<bool> claimed = false;
    bool too_early = true;
    std::thread second;
    gic.while_clearing = [&] {
        second = std::thread([&] {
            const SpiLease next = *spis.claim(disk, other, IntId(60));
            claimed = true;
        });
        for (int i = 0; i < 1000; ++i) {
            std::this_thread::yield();
        }
        too_early = claimed.load();
    };
    lease = SpiLease();
    second.join();
    EXPECT_FALSE(too_early);
}

} // namespace
} // namespace trv::irq
