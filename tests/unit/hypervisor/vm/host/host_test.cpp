// SPDX-License-Identifier: Apache-2.0
// The host VM, from its creation to the machine's end.
#include "lib/psci.hpp"
#include "tests/unit/hypervisor/vm/host_machine.hpp"

namespace trv::vm {
namespace {

TEST_F(HostVmTest, HasTheMachinesAddresses) {
    boot_and_load();
    const memory::Stage2& stage2 = vm("host").memory().stage2();
    EXPECT_EQ(stage2.lookup(Ipa(bank.base.value + 5 * MiB))->pa, bank.base + 5 * MiB);
    EXPECT_EQ(stage2.lookup(Ipa(0xa00'0000))->pa, Pa(0xa00'0000));
    EXPECT_EQ(stage2.lookup(Ipa(0xa00'0000))->type, memory::MemoryType::Device);
    EXPECT_EQ(stage2.lookup(Ipa(0x1'8000'0000))->size, GiB);
    EXPECT_EQ(stage2.ipa_bits(), 33U);
}

TEST_F(HostVmTest, HasNothingElseOfTheMachine) {
    boot_and_load();
    const memory::Stage2& stage2 = vm("host").memory().stage2();
    for (const u64 address : {0x800'0000UL, 0x80a'0000UL, 0x900'0000UL, bank.end().value, modules.base.value}) {
        EXPECT_FALSE(stage2.lookup(Ipa(address))) << std::hex << address;
        EXPECT_EQ(vm("host").memory().memory_at(Ipa(address)).error(), Error::OutOfRange);
    }
    EXPECT_EQ(stage2.lookup(planned->layout().stolen_time)->access, memory::Access::ReadOnly);
}

TEST_F(HostVmTest, ItsKernelFindsTheMachinesTree) {
    boot_and_load();
    Vcpu& vcpu = vm("host").vcpu(0);
    EXPECT_EQ(vcpu.registers().pc, bank.base.value);
    const auto place = vm("host").memory().stage2().lookup(Ipa(vcpu.registers().x[0]));
    ASSERT_TRUE(place);
    const auto found = DeviceTree::open({memory::direct_map<const u8>(place->pa), 64 * KiB});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->find("/memory@80000000")->reg(found->root(), 0), bank);
    EXPECT_TRUE(found->find("/disk@a000000"));
    EXPECT_TRUE(found->find("/cpus/cpu@1"));
}

TEST_F(HostVmTest, ItsConsoleIsWhereTheMachineHasIt) {
    boot_and_load();
    EXPECT_NE(vm("host").devices().bus().find(Ipa(0x900'0000), 4, 0), nullptr);
    EXPECT_NE(vm("host").devices().bus().find(planned->layout().agent, 4, 0), nullptr);
    EXPECT_EQ(vm("host").devices().bus().find(guest::rtc_base, 4, 0), nullptr)
        << "it has the machine's clock, if there is one";
}

TEST_F(HostVmTest, PoweringItOffEndsTheOthersAndThenTheMachine) {
    describe_on(1, "neighbour");
    boot_and_load();
    manager->all_created();
    (void)events();
    issue(vm("host").vcpu(0), psci::SystemOff);
    EXPECT_THROW(settle(), arch::MachineOff);
    const std::string said = events();
    EXPECT_NE(said.find("neighbour"), std::string::npos) << said;
}

TEST_F(HostVmTest, OneThatIsAloneTakesTheMachineWithIt) {
    boot_and_load();
    manager->all_created();
    EXPECT_THROW(issue(vm("host").vcpu(0), psci::SystemOff); settle(), arch::MachineOff);
}

TEST_F(HostVmTest, ARebootLoadsItAnewAndDisturbsNoOther) {
    describe_on(1, "neighbour");
    boot_and_load();
    manager->all_created();
    Vm& neighbour = vm("neighbour");
    std::byte* const kept = memory::direct_map(bank.end() - 1);
    *kept = std::byte{0x42};
    issue(vm("host").vcpu(0), psci::SystemReset);
    settle();
    EXPECT_EQ(vm("host").state(), VmState::Running);
    EXPECT_EQ(*kept, std::byte{0x42}) << "as after a warm reset";
    EXPECT_EQ(neighbour.state(), VmState::Running);
    EXPECT_EQ(vm("host").memory().stage2().lookup(Ipa(bank.base.value))->pa, bank.base);
}

TEST_F(HostVmTest, OnceDestroyedItCanStartAgainInTheSameMemory) {
    describe_on(1, "neighbour");
    boot_and_load();
    manager->all_created();
    const Balance before = balance();
    for (unsigned i = 0; i < 3; ++i) {
        *memory::direct_map(bank.end() - 1) = std::byte{0x42};
        vm("host").request_stop(StopReason::Destroyed);
        for (unsigned turn = 0; turn < 200 && find("host") != nullptr; ++turn) {
            arch::fake_ticks += 100 * millisecond;
            enter(0);
            enter(1);
            machine_console.flush();
        }
        ASSERT_EQ(find("host"), nullptr);
        EXPECT_EQ(*memory::direct_map(bank.end() - 1), std::byte{0});
        EXPECT_EQ(memory.frames.owner_of(bank.base), memory::vm_owner(0));
        EXPECT_EQ(manager->forget("host").error(), Error::Denied) << "its number owns the memory";
        ASSERT_TRUE(manager->start("host"));
        settle();
    }
    EXPECT_EQ(balance(), before);
}

TEST_F(HostVmTest, IsRefusedWhereTheMachineCannotHaveOne) {
    machine->vms[0].memory_size = 512 * MiB;
    Host impossible(tree, *machine, machine->vms[0]);
    impossible.plan();
    impossible.choose_memory({std::span(&ram_range, 1), {}});
    EXPECT_NE(impossible.problem(), "");
    host = &impossible;
    boot();
    EXPECT_EQ(find("host"), nullptr);
    EXPECT_NE(events().find("contiguous"), std::string::npos);
    impossible.report();
    host = nullptr;
}

TEST_F(HostVmTest, IsRefusedWhereItsInterruptsCouldNotBeNamed) {
    std::string text = machine_text;
    text.replace(text.find("#interrupt-cells = <3>"), 22, "#interrupt-cells = <4>");
    test::Dts odd(text);
    const DeviceTree odd_tree = odd.tree();
    Host impossible(odd_tree, *machine, machine->vms[0]);
    impossible.plan();
    impossible.choose_memory({std::span(&ram_range, 1), {}});
    impossible.describe_devices(gic.interrupts());
    EXPECT_NE(impossible.problem().find("interrupt controller"), std::string_view::npos);
    impossible.report();
}

} // namespace
} // namespace trv::vm
