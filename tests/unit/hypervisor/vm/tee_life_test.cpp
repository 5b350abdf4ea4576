// SPDX-License-Identifier: Apache-2.0
// Which VMs get one of OP-TEE's partitions, and when they lose it.

#include "tee/fake_optee.hpp"
#include "tee/optee/partition/partition.hpp"
#include "vm_machine.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace trv::vm {
namespace {

using testing::HasSubstr;

/// A machine whose OP-TEE has two partitions.
class VmTeeLife : public VmTest {
  public:
    VmTeeLife() {
        arch::fake_firmware = [this](const arch::SmcArguments& call) { return optee.smc(call); };
        EXPECT_TRUE(mediator.start(arena.range(), memory.frames));
    }
    ~VmTeeLife() override {
        play(0);
        manager.reset(); // its VMs leave OP-TEE
        EXPECT_TRUE(optee.partitions.empty());
        EXPECT_EQ(optee.violation, "");
        arch::fake_firmware = nullptr;
    }

    machine::VmDescription& describe_with_tee(unsigned cpu, std::string_view label) {
        machine::VmDescription& vm = describe_on(cpu, label);
        vm.tee.emplace();
        return vm;
    }
    [[nodiscard]] bool has_tee(std::string_view label) {
        return vm(label).services().find(ServiceKind::Optee) != nullptr;
    }

    memory::Frames arena = *memory.pool.allocate(memory::order_for(2 * MiB), memory::FrameOwner::Arena);
    test::FakeOptee optee{memory.frames, arena.range()};
};

TEST_F(VmTeeLife, PartitionsGoToVmsInTheOrderOfTheirDescriptionsWhicheverIsLoadedFirst) {
    describe_with_tee(0, "alpha");
    describe_on(0, "none");
    describe_with_tee(0, "beta");
    describe_with_tee(1, "late");
    boot();
    for (unsigned turn = 0; turn < 40; ++turn) { // the last one's loader is through before the others' begin
        enter(1);
        arch::fake_ticks += 3 * millisecond;
    }
    EXPECT_EQ(vm("late").state(), VmState::Running);
    EXPECT_EQ(vm("alpha").state(), VmState::Loading);
    settle();
    EXPECT_TRUE(has_tee("alpha"));
    EXPECT_FALSE(has_tee("none"));
    EXPECT_TRUE(has_tee("beta"));
    EXPECT_FALSE(has_tee("late"));
    EXPECT_TRUE(tree_of("alpha").find("/firmware/optee"));
    EXPECT_FALSE(tree_of("none").find("/firmware"));
    EXPECT_THAT(events(), HasSubstr(R"("vm":"late","reason":"OP-TEE has no free partition")"));
}

TEST(TeeSharing, IsOfTheBootDescription) {
    machine::Machine machine;
    machine.address_spaces = 127;
    machine.partitions = 8;
    EXPECT_EQ(sharing_of(machine).vms, 0U);
    for (unsigned i = 0; i < 3; ++i) {
        ASSERT_TRUE(machine.vms.push_back({}));
    }
    machine.vms[0].tee.emplace();
    machine.vms[2].tee.emplace();
    tee::optee::Sharing sharing = sharing_of(machine);
    EXPECT_EQ(sharing.address_spaces, 127U);
    EXPECT_EQ(sharing.partitions, 8U);
    EXPECT_EQ(sharing.vms, 2U);
    EXPECT_FALSE(sharing.host_makes_vms);
    machine.vms[1].devices = machine::DeviceSet::All;
    sharing = sharing_of(machine);
    EXPECT_EQ(sharing.vms, 2U);
    EXPECT_EQ(sharing.host_makes_vms, option::manager);
}

TEST_F(VmTeeLife, AVmThatStartsOverGetsAFreshPartition) {
    describe_with_tee(0, "alpha");
    boot_and_load();
    const auto before = optee.partitions.begin()->first;
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    ASSERT_TRUE(has_tee("alpha"));
    ASSERT_EQ(optee.partitions.size(), 1U);
    EXPECT_NE(optee.partitions.begin()->first, before);
}

TEST_F(VmTeeLife, NoNotificationReachesTheNextKernel) {
    describe_with_tee(0, "alpha");
    boot_and_load();
    std::array<u64, 18> x{tee::optee::abi::EnableAsyncNotif};
    (void)vm("alpha").services().find(ServiceKind::Optee)->call(x, 0);
    ASSERT_EQ(x[0], tee::optee::abi::Ok);
    vm("alpha").pause();
    enter(0);
    vm("alpha").reset();
    u64& pending = optee.partitions.begin()->second.pending;
    pending = 4;
    mediator.notification_interrupt();
    EXPECT_EQ(pending, 4U) << "it was not requested";
}

TEST_F(VmTeeLife, APartitionDoesNotDieWhileTheOperatorLooksAtIt) {
    using namespace std::chrono_literals;
    describe_with_tee(0, "alpha");
    boot_and_load();
    Vm& alpha = vm("alpha");
    alpha.pause();
    enter(0);
    std::atomic<bool> looking = false;
    std::atomic<bool> ended = false;
    std::thread operators_cpu([&] {
        manager->for_each_vm([&](Vm& seen) {
            const auto* const partition =
                static_cast<const tee::optee::Partition*>(seen.services().find(ServiceKind::Optee));
            looking = true;
            for (int i = 0; i < 50 && !ended; ++i) {
                std::this_thread::sleep_for(1ms);
            }
            EXPECT_FALSE(ended);
            if (!ended) {
                EXPECT_EQ(partition->usage().calls, 0U);
            }
        });
    });
    while (!looking) {
        std::this_thread::yield();
    }
    alpha.reset();
    while (!alpha.services().renew_step()) {
    }
    ended = true;
    operators_cpu.join();
}

TEST_F(VmTeeLife, ThePartitionOfAVmThatIsGoneIsFreeForTheNextThatStarts) {
    for (const char* const label : {"alpha", "beta", "late"}) {
        describe_with_tee(0, label);
    }
    boot_and_load();
    vm("beta").request_stop(StopReason::Destroyed);
    settle();
    vm("late").request_stop(StopReason::Reset);
    settle();
    EXPECT_TRUE(has_tee("late"));
    ASSERT_TRUE(manager->start("beta"));
    settle();
    EXPECT_FALSE(has_tee("beta"));
}

TEST_F(VmTeeLife, AVmThatCannotBeLoadedGivesItsPartitionBack) {
    describe_with_tee(0, "alpha");
    std::memset(memory::direct_map(kernel_file.base) + 56, 0, 4);
    boot();
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_TRUE(optee.partitions.empty());
}

} // namespace
} // namespace trv::vm
