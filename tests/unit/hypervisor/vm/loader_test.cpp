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
