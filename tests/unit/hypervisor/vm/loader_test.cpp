// SPDX-License-Identifier: Apache-2.0
// What a VM's kernel finds in its memory: the seeds of its tree. life_cycle_test.cpp has the rest.

#include "arch/memory/cache.hpp"
#include "lib/device_tree/device_tree.hpp"
#include "vm_machine.hpp"

namespace trv::vm {
namespace {

class GuestSeeds : public VmTest {
  public:
    DeviceNode chosen(std::string_view label) { return tree_of(label).find("/chosen").value(); }
    std::string rng_seed(std::string_view label) {
        const std::span<const u8> bytes = chosen(label).property("rng-seed").value().bytes();
        return {bytes.begin(), bytes.end()};
    }
};

class GuestSeedsOfAMachineWithASeed : public GuestSeeds {
  public:
    GuestSeedsOfAMachineWithASeed() {
        std::array<u8, 32> seed{};
        seed.fill(0x5a);
        seeds.seed(seed);
    }
};

TEST_F(GuestSeeds, AreNoneWhereTheMachineHasNone) {
    describe("alpha");
    boot_and_load();
    EXPECT_FALSE(chosen("alpha").has("rng-seed"));
}

TEST_F(GuestSeedsOfAMachineWithASeed, DifferFromVmToVm) {
    describe("alpha");
    describe("beta");
    boot_and_load();
    EXPECT_EQ(rng_seed("alpha").size(), 32U);
    EXPECT_NE(rng_seed("alpha"), rng_seed("beta"));
}

TEST_F(GuestSeedsOfAMachineWithASeed, DifferFromStartToStart) {
    describe("alpha");
    boot_and_load();
    const std::string rng = rng_seed("alpha");
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    EXPECT_NE(rng_seed("alpha"), rng);
}

class ThirtyTwoBitKernel : public GuestSeeds {
  public:
    ThirtyTwoBitKernel() {
        for (sched::PerCpu& cpu : cpus) {
            cpu.facts.pfr0 = 0x2222;
        }
        const auto set = [](u64 at, u32 value) {
            std::memcpy(memory::direct_map(kernel_file.base + at), &value, sizeof(value));
        };
        set(0x24, 0x016f'2818);
        set(0x30, 0x0403'0201);
        set(0x34, 0x4545'4545);
        set(0x38, 0x100);
        set(0x100, 5);
        set(0x104, 0x5a53'4c4b);
        set(0x108, 0x200);
        set(0x10c, 0x1'0000);
        set(0x110, 0x8000);
        set(0x200, 0x20'0000);
        describe("alpha", 2).pinned = true;
        descriptions.back().cpu = {0, 1};
    }
};

TEST_F(ThirtyTwoBitKernel, StartsAsItsBootProtocolSays) {
    boot_and_load();
    const arch::GuestContext& context = vm("alpha").vcpu(0).context();
    EXPECT_TRUE(context.aarch32.in_use);
    EXPECT_TRUE(vm("alpha").vcpu(1).is_aarch32());
    EXPECT_EQ(context.registers.pc, guest::ram_base.value + 4 * MiB) << "behind what it unpacks to";
    EXPECT_EQ(context.registers.pstate, 0x1d3U);
    EXPECT_EQ(context.registers.x[0], 0U);
    EXPECT_EQ(context.registers.x[1], 0xffff'ffffU);
    EXPECT_EQ(context.registers.x[2], guest::ram_base.value + 8 * MiB);
    vm("alpha").vcpu(0).registers().x[0] = context.registers.x[2];
    const DeviceNode cpus = tree_of("alpha").find("/cpus").value();
    EXPECT_EQ(cpus.property("#address-cells").value().cell(0), 1U);
    EXPECT_EQ(tree_of("alpha").find("/cpus/cpu@1").value().u32_property("reg"), 1U);
}

TEST_F(ThirtyTwoBitKernel, IsRefusedWhereOneOfItsCpusLacksTheState) {
    cpus[1].facts.pfr0 = 0x2212;
    boot();
    for (unsigned turn = 0; turn < 20; ++turn) {
        enter(0);
        enter(1);
        arch::fake_ticks += 3 * millisecond;
    }
    EXPECT_NE(events().find("32-bit Arm, which this CPU lacks at EL1"), std::string::npos);
}

class GuestClocks : public GuestSeeds {
  public:
    GuestClocks() { wall_clock.emplace(1'790'000'000, arch::ticks(), arch::tick_hz()); }
    [[nodiscard]] u64 date(std::string_view label) {
        return registers(label)->device->read({.offset = 0, .size = 4, .vcpu = 0}).value;
    }
    void set_date(std::string_view label, u64 seconds) {
        EXPECT_EQ(registers(label)->device->write({.offset = 8, .size = 4, .vcpu = 0}, seconds),
                  vdev::MmioOutcome::Done);
    }
    [[nodiscard]] const vdev::MmioBus::Window* registers(std::string_view label) {
        return vm(label).devices().bus().find(guest::rtc_base, 4, 0);
    }
};

TEST_F(GuestSeeds, HaveNoClockWhereTheMachineHasNone) {
    describe("alpha");
    boot_and_load();
    EXPECT_EQ(vm("alpha").devices().bus().find(guest::rtc_base, 4, 0), nullptr);
}

TEST_F(GuestClocks, AreOfEachVmAndOutliveItsReset) {
    describe("alpha");
    describe("beta");
    boot_and_load();
    EXPECT_NEAR(static_cast<double>(date("alpha")), 1.79e9, 2);
    set_date("alpha", 1000);
    EXPECT_NEAR(static_cast<double>(date("beta")), 1.79e9, 2);
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    EXPECT_NEAR(static_cast<double>(date("alpha")), 1000, 2);
}

// What the kernel before it wrote may still be dirty in the caches, and would come back over what the new one writes
// with its caches off.
TEST_F(GuestSeeds, NothingOfTheKernelBeforeIsLeftInTheCachesWhenOneStartsAnew) {
    describe("alpha");
    boot_and_load();
    const Ipa stack = guest::ram_base + 10 * MiB; // no file is loaded there
    const Pa frame = vm("alpha").memory().memory_at(stack)->pa;
    u64 cleaned = 0;
    arch::fake_cache_clean = [&cleaned, begin = memory::direct_map(frame)](const void* memory, std::size_t size) {
        if (memory == begin) {
            cleaned = std::max<u64>(cleaned, size);
        }
    };
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    arch::fake_cache_clean = nullptr;
    EXPECT_EQ(vm("alpha").state(), VmState::Running);
    EXPECT_EQ(cleaned, 2 * MiB);
}

} // namespace
} // namespace trv::vm
