// SPDX-License-Identifier: Apache-2.0
// A VM from its description to its end, and again.

#include "lib/device_tree/device_tree.hpp"
#include "lib/psci.hpp"
#include "vm_machine.hpp"

#include <gmock/gmock.h>

namespace trv::vm {
namespace {

using testing::HasSubstr;

class VmLifeCycle : public VmTest {
  public:
    void power_off(std::string_view label) { issue(vm(label).vcpu(0), psci::SystemOff); }
    void reboot(std::string_view label) { issue(vm(label).vcpu(0), psci::SystemReset); }
    void destroy(std::string_view label) {
        vm(label).request_stop(StopReason::Destroyed);
        settle();
    }
    /// The guest of its vCPU 0 uses the granule at `ipa` for the first time.
    void touch(std::string_view label, Ipa ipa) { ASSERT_TRUE(vm(label).memory().memory_at(ipa)); }
    std::byte* memory(std::string_view label, Ipa ipa) {
        return memory::direct_map(vm(label).memory().memory_at(ipa)->pa);
    }
};

TEST_F(VmLifeCycle, BeginsAtTheKernelsEntryWithTheTree) {
    describe("alpha").ramdisk = ramdisk_file;
    boot_and_load();
    const Vcpu& vcpu = *enter(0);
    const arch::GuestRegisters& registers = vm("alpha").vcpu(0).registers();
    EXPECT_EQ(&vcpu, &vm("alpha").vcpu(0));
    EXPECT_EQ(registers.pc, guest::ram_base.value);
    const Ipa tree(registers.x[0]);
    const auto size = DeviceTree::total_size(std::span<const u8, DeviceTree::header_size>(
        reinterpret_cast<const u8*>(memory("alpha", tree)), DeviceTree::header_size));
    ASSERT_TRUE(size);
    const auto opened = DeviceTree::open({reinterpret_cast<const u8*>(memory("alpha", tree)), *size});
    ASSERT_TRUE(opened);
    const DeviceNode chosen = *opened->find("/chosen");
    const Ipa ramdisk(*chosen.u64_property("linux,initrd-start"));
    EXPECT_EQ(*chosen.u64_property("linux,initrd-end"), ramdisk.value + ramdisk_file.size);
    EXPECT_EQ(*memory("alpha", ramdisk), std::byte{0xa5});
    EXPECT_EQ(*memory("alpha", ramdisk + ramdisk_file.size - 1), std::byte{0xa5});
    EXPECT_EQ(*memory("alpha", ramdisk + ramdisk_file.size), std::byte{0});
    for (const u64 offset : {u64{0}, 2 * MiB, kernel_file.size - 1}) { // first, next and last granule
        EXPECT_EQ(*memory("alpha", guest::ram_base + offset), *memory::direct_map(kernel_file.base + offset)) << offset;
    }
    EXPECT_THAT(events(), HasSubstr("\"vm-running\""));
}

TEST_F(VmLifeCycle, MemoryThatTheGuestDoesNotTouchIsNotMapped) {
    describe("alpha");
    boot_and_load();
    EXPECT_FALSE(vm("alpha").memory().stage2().lookup(guest::ram_base + 14 * MiB));
}

TEST_F(VmLifeCycle, EndsWithPowerOff) {
    describe("alpha");
    boot_and_load();
    (void)events();
    power_off("alpha");
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_THAT(events(), HasSubstr("\"reason\":\"off\""));
}

TEST_F(VmLifeCycle, EndsWhenItsLastVcpuIsSwitchedOff) {
    describe("alpha", 2);
    boot_and_load();
    Vm& alpha = vm("alpha");
    ASSERT_EQ(call(alpha.vcpu(0), psci::CpuOn64, 1, guest::ram_base.value), 0U);
    settle();
    issue(alpha.vcpu(0), psci::CpuOff);
    EXPECT_EQ(find("alpha"), &alpha);
    EXPECT_FALSE(alpha.vcpus().is_on(0));
    EXPECT_TRUE(alpha.vcpus().is_on(1));
    issue(alpha.vcpu(1), psci::CpuOff);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
}

TEST_F(VmLifeCycle, EndsOnlyWhenAllItsCpusHaveLetGo) {
    describe("alpha", 2);
    boot_and_load();
    ASSERT_EQ(call(vm("alpha").vcpu(0), psci::CpuOn64, 1, guest::ram_base.value), 0U);
    settle();
    power_off("alpha");
    EXPECT_NE(find("alpha"), nullptr) << "the other CPU has its vCPU loaded still";
    enter(1);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
}

TEST_F(VmLifeCycle, RebootsIntoAFreshState) {
    describe("alpha", 2);
    boot_and_load();
    ASSERT_EQ(call(vm("alpha").vcpu(0), psci::CpuOn64, 1, guest::ram_base.value), 0U);
    settle();
    const u64 offset_before = vm("alpha").clock().offset();
    *memory("alpha", guest::ram_base + 100) = std::byte{0xee};
    (void)events();
    reboot("alpha");
    settle();
    EXPECT_EQ(vm("alpha").vcpu(0).registers().pc, guest::ram_base.value);
    EXPECT_FALSE(vm("alpha").vcpus().is_on(1));
    EXPECT_EQ(*memory("alpha", guest::ram_base + 100), std::byte{0x5a}) << "the kernel is loaded anew";
    EXPECT_GT(vm("alpha").clock().offset(), offset_before);
    EXPECT_THAT(events(), HasSubstr("\"reason\":\"reboot\""));
}

TEST_F(VmLifeCycle, OneThatRebootsAgainAndAgainIsSlowedDown) {
    describe("alpha");
    boot_and_load();
    for (unsigned i = 0; i < 7; ++i) {
        reboot("alpha");
        settle();
    }
    EXPECT_LT(arch::fake_ticks, 2 * second) << "so often it may at once";
    const u64 from = arch::fake_ticks;
    for (unsigned i = 0; i < 5; ++i) {
        reboot("alpha");
        settle();
    }
    EXPECT_GE(arch::fake_ticks - from, 4 * 250 * millisecond);
}

TEST_F(VmLifeCycle, FollowsItsRebootPolicy) {
    describe("stops").on_reboot = machine::OnReboot::Stop;
    describe("halts").on_reboot = machine::OnReboot::HaltMachine;
    boot_and_load();
    reboot("stops");
    settle();
    EXPECT_EQ(find("stops"), nullptr);
    EXPECT_THROW(reboot("halts"); settle(), arch::MachineOff);
    EXPECT_THAT(events(), HasSubstr("\"halt-policy\""));
}

TEST_F(VmLifeCycle, FollowsItsCrashPolicy) {
    describe("stops").on_crash = machine::OnCrash::Stop;
    describe("restarts").on_crash = machine::OnCrash::Restart;
    describe("halts").on_crash = machine::OnCrash::HaltMachine;
    boot_and_load();
    for (const char* const label : {"stops", "restarts"}) {
        vm(label).crash("did {}", "what no guest may");
    }
    settle();
    EXPECT_EQ(find("stops"), nullptr);
    EXPECT_EQ(vm("restarts").state(), VmState::Running);
    EXPECT_TRUE(vm("restarts").stop().detail().empty());
    EXPECT_THAT(events(), HasSubstr("did what no guest may"));
    vm("halts").crash("again");
    EXPECT_THROW(settle(), arch::MachineOff);
}

TEST_F(VmLifeCycle, TheOperatorsResetIgnoresPolicies) {
    describe("alpha").on_reboot = machine::OnReboot::HaltMachine;
    boot_and_load();
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    EXPECT_EQ(vm("alpha").state(), VmState::Running);
}

TEST_F(VmLifeCycle, AResetDoesNotUndoADestroy) {
    describe("alpha");
    boot_and_load();
    vm("alpha").request_stop(StopReason::Destroyed);
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
}

TEST_F(VmLifeCycle, CanBeDestroyedWhileItIsBeingLoaded) {
    describe("alpha");
    start_manager();
    const Balance before = balance();
    boot();
    vm("alpha").request_stop(StopReason::Destroyed);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_EQ(balance(), before);
}

TEST_F(VmLifeCycle, TheMachineEndsWithItsLastVm) {
    describe("alpha");
    describe("beta");
    boot_and_load();
    manager->all_created();
    destroy("alpha");
    vm("beta").request_stop(StopReason::Destroyed);
    EXPECT_THROW(settle(), arch::MachineOff);
    EXPECT_THAT(events(), HasSubstr("\"all-vms-stopped\""));
}

TEST_F(VmLifeCycle, AMachineWithoutVmsEndsAtOnce) {
    boot();
    EXPECT_THROW(manager->all_created(), arch::MachineOff);
}

TEST_F(VmLifeCycle, StartsAgainAfterItsEnd) {
    describe("alpha");
    boot_and_load();
    EXPECT_EQ(manager->start("alpha").error(), Error::Busy);
    EXPECT_EQ(manager->start("gamma").error(), Error::NotFound);
    destroy("alpha");
    ASSERT_TRUE(manager->start("alpha"));
    settle();
    EXPECT_EQ(vm("alpha").state(), VmState::Running);
}

TEST_F(VmLifeCycle, ReturnsAllItHadHoweverOften) {
    machine::VmDescription& alpha = describe("alpha", 2);
    alpha.ramdisk = ramdisk_file;
    boot();
    vm("alpha").request_stop(StopReason::Destroyed);
    settle();
    const Balance before = balance();
    for (unsigned cycle = 0; cycle < 30; ++cycle) {
        ASSERT_TRUE(manager->start("alpha"));
        settle();
        EXPECT_NE(balance(), before);
        ASSERT_EQ(call(vm("alpha").vcpu(0), psci::CpuOn64, 1, guest::ram_base.value), 0U);
        touch("alpha", guest::ram_base + 12 * MiB);
        if (cycle % 2 == 0) {
            reboot("alpha");
            settle();
        }
        destroy("alpha");
        EXPECT_EQ(balance(), before);
    }
}

TEST_F(VmLifeCycle, LeavesNothingInItsMemory) {
    describe("alpha");
    boot_and_load();
    const Pa secret = vm("alpha").memory().memory_at(guest::ram_base + 12 * MiB)->pa;
    std::memset(memory::direct_map(secret), 0x77, page_size);
    destroy("alpha");
    for (u64 i = 16; i < page_size; ++i) { // the pool's list may begin there
        ASSERT_EQ(memory::direct_map(secret)[i], std::byte{0});
    }
}

TEST_F(VmLifeCycle, IsRefusedWhenMemoryIsShortWhichCostsNothing) {
    describe("alpha").memory_size = 512 * MiB;
    start_manager();
    const Balance before = balance();
    // Were it scrubbed, this would be gone. Not the first bytes of a block: the pool's lists are there.
    *memory::direct_map(ram_range.base + 40 * MiB + 100) = std::byte{0x33};
    boot();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_EQ(balance(), before);
    EXPECT_EQ(*memory::direct_map(ram_range.base + 40 * MiB + 100), std::byte{0x33});
    EXPECT_THAT(events(), HasSubstr("not enough free memory"));
}

TEST_F(VmLifeCycle, IsRefusedWithImagesThatAreNotModules) {
    describe("outside").kernel = {ram_range.end() + GiB, MiB};
    describe("free").kernel = {ram_range.base + 8 * MiB, MiB};
    describe("across").ramdisk = PaRange{modules.end() - page_size, 2 * page_size};
    boot();
    for (const machine::VmDescription& description : descriptions) {
        EXPECT_EQ(find(description.label), nullptr);
    }
}

TEST_F(VmLifeCycle, IsRefusedOnACpuThatIsNotThere) {
    describe_on(2, "alpha");
    boot();
    EXPECT_EQ(find("alpha"), nullptr);
}

TEST_F(VmLifeCycle, ABadKernelIsToldAndNothingStays) {
    describe("alpha");
    start_manager();
    const Balance before = balance();
    std::memset(memory::direct_map(kernel_file.base) + 56, 0, 4);
    boot();
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_EQ(balance(), before);
    EXPECT_THAT(events(), HasSubstr("the kernel is not an arm64 Image"));
}

TEST_F(VmLifeCycle, ATooLargeImageIsToldAndNothingStays) {
    describe("alpha").memory_size = 4 * MiB;
    start_manager();
    const Balance before = balance();
    boot();
    settle();
    EXPECT_EQ(balance(), before);
    EXPECT_THAT(events(), HasSubstr("too small for kernel and device tree"));
}

// Pause

TEST_F(VmLifeCycle, VmsSpreadOverTheCpus) {
    describe("alpha");
    describe("beta");
    describe("gamma", 2);
    boot();
    EXPECT_EQ(vm("alpha").vcpu(0).home().index, 0U);
    EXPECT_EQ(vm("beta").vcpu(0).home().index, 1U);
    EXPECT_EQ(vm("gamma").vcpu(0).home().index, 0U);
    EXPECT_EQ(vm("gamma").vcpu(1).home().index, 1U);
}

TEST_F(VmLifeCycle, HeavyVmsDoNotGetTheSameCpu) {
    describe("heavy").weight = 300;
    describe("light").weight = 100;
    describe("heavy2").weight = 300;
    describe("light2").weight = 100;
    describe("pinned").cpu.fill(0);
    descriptions.back().pinned = true;
    descriptions.back().weight = 1000;
    describe("wide", 3);
    boot();
    EXPECT_EQ(vm("heavy").vcpu(0).home().index, 0U);
    EXPECT_EQ(vm("light").vcpu(0).home().index, 1U);
    EXPECT_EQ(vm("heavy2").vcpu(0).home().index, 1U);
    EXPECT_EQ(vm("light2").vcpu(0).home().index, 0U);
    EXPECT_EQ(vm("pinned").vcpu(0).home().index, 0U);
    EXPECT_EQ(vm("wide").vcpu(0).home().index, 1U) << "what is pinned weighs, too";
    EXPECT_EQ(vm("wide").vcpu(1).home().index, 0U) << "vCPUs of one VM do not share a CPU while there is another";
    EXPECT_EQ(vm("wide").vcpu(2).home().index, 1U);
}

TEST_F(VmLifeCycle, InputForAVmThatIsGoneIsDropped) {
    describe("alpha");
    boot_and_load();
    destroy("alpha");
    type("\x10\x22hello"); // its console's channel
    ASSERT_TRUE(manager->start("alpha"));
    settle();
    EXPECT_NE(find("alpha"), nullptr);
}

} // namespace
} // namespace trv::vm
