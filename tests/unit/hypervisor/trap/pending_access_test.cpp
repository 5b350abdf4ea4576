// SPDX-License-Identifier: Apache-2.0
// Accesses that a device answers later, through all that may happen to their VM meanwhile.

#include "../vm/one_vm.hpp"
#include "lib/psci.hpp"

namespace trv::trap {
namespace {

using namespace vm;

/// Answers accesses later where the test says so, like a device with a backend in another VM.
class SlowDevice final : public vdev::MmioDevice {
  public:
    explicit SlowDevice(vdev::DeferredExits& exits) : exits_(exits) {}

    vdev::MmioRead read(const vdev::MmioAccess& access) override {
        ++accesses;
        if (again) {
            return vdev::MmioOutcome::Again;
        }
        return defer(access);
    }
    vdev::MmioOutcome write(const vdev::MmioAccess& access, u64 value) override {
        ++accesses;
        written = value;
        return defer(access);
    }

    std::array<vdev::Ticket, max_vcpus> tickets{};
    std::optional<u64> answer_at_once; ///< the backend is faster than the return from the device
    u64 written = 0;
    unsigned accesses = 0;
    bool again = false;

  private:
    vdev::MmioOutcome defer(const vdev::MmioAccess& access) {
        tickets[access.vcpu] = exits_.defer(access.vcpu);
        if (answer_at_once) {
            EXPECT_TRUE(exits_.complete(tickets[access.vcpu], *answer_at_once));
        }
        return vdev::MmioOutcome::Pending;
    }

    vdev::DeferredExits& exits_;
};

class PendingAccess : public OneVm {
  public:
    static constexpr Ipa device_base{0x0b00'0000};
    static constexpr u64 isv = arch::bit(24), sign = arch::bit(21), wide = arch::bit(15), store = arch::bit(6);
    static constexpr u64 translation = 0x06;

    PendingAccess() { connect(); }
    /// The VM's bus gets the device; after its destruction, the next VM's.
    void connect() {
        device.emplace(alpha->vcpus());
        ASSERT_TRUE(alpha->devices().bus().attach({device_base, page_size}, *device));
    }

    static constexpr u64 size(unsigned log2) { return u64{log2} << 22; }
    static constexpr u64 reg(unsigned index) { return u64{index} << 16; }
    static constexpr u64 load_word = isv | u64{2} << 22 | u64{3} << 16 | translation; ///< into W3

    /// The guest on the CPU makes the access. @return who runs there afterwards
    Vcpu* access(unsigned cpu, u64 iss) {
        arch::fake_fault_address = device_base.value & 0xfff;
        arch::fake_fault_page = device_base.value >> 12 << 4;
        return leave_guest(cpu, arch::ExitKind::Sync, u64{0x24} << 26 | u64{1} << 25 | iss);
    }
    /// From the other CPU.
    bool answer(vdev::Ticket ticket, u64 value) {
        play(1);
        return alpha->vcpus().complete(ticket, value);
    }
    [[nodiscard]] vdev::Ticket ticket(unsigned of = 0) const { return device->tickets[of]; }

    std::optional<SlowDevice> device;
};

TEST_F(PendingAccess, TheVcpuWaitsAndGoesOnBehindTheLoad) {
    x(3) = ~u64{0};
    EXPECT_EQ(access(0, load_word), nullptr) << "the CPU is free for others";
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Waiting);
    EXPECT_EQ(pc(), guest_pc);
    EXPECT_TRUE(answer(ticket(), 0x1234'5678));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(x(3), 0x1234'5678U);
    EXPECT_TRUE(went_on());
    EXPECT_EQ(device->accesses, 1U);
}

TEST_F(PendingAccess, AStoreIsStored) {
    x(3) = 0x1'0000'00ff;
    const auto before = vcpu->registers();
    EXPECT_EQ(access(0, load_word | store), nullptr);
    EXPECT_EQ(device->written, 0xffU);
    EXPECT_TRUE(answer(ticket(), 77));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(x(3), before.x[3]) << "it has no result";
    EXPECT_TRUE(went_on());
}

TEST_F(PendingAccess, TheAnswerIsExtendedAsTheLoadWants) {
    access(0, isv | size(0) | sign | wide | reg(5) | translation);
    EXPECT_TRUE(answer(ticket(), 0xf0));
    enter(0);
    EXPECT_EQ(x(5), 0xffff'ffff'ffff'fff0U);
}

TEST_F(PendingAccess, AnAnswerMayComeBeforeTheVcpuWaits) {
    device->answer_at_once = 42;
    EXPECT_EQ(access(0, load_word), vcpu);
    EXPECT_EQ(x(3), 42U);
    EXPECT_TRUE(went_on());
}

TEST_F(PendingAccess, IsAnsweredOnce) {
    access(0, load_word);
    EXPECT_FALSE(answer(vdev::Ticket{}, 1)) << "names none";
    EXPECT_FALSE(answer(vdev::Ticket{static_cast<u64>(ticket()) + max_vcpus}, 1)) << "another";
    EXPECT_FALSE(answer(vdev::Ticket{static_cast<u64>(ticket()) + 1}, 1)) << "another vCPU's";
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_TRUE(answer(ticket(), 2));
    EXPECT_FALSE(answer(ticket(), 3));
    enter(0);
    EXPECT_EQ(x(3), 2U);
    EXPECT_FALSE(answer(ticket(), 4));
    EXPECT_EQ(x(3), 2U);
}

TEST_F(PendingAccess, NoInterruptWakesTheVcpu) {
    access(0, load_word);
    alpha->vgic().pulse(IntId(40));
    vcpu->wake();
    EXPECT_EQ(enter(0), nullptr);
    arch::fake_ticks += second;
    take_timer(0);
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Waiting);
    EXPECT_TRUE(answer(ticket(), 1));
    EXPECT_EQ(enter(0), vcpu);
}

TEST_F(PendingAccess, TheDeviceMayHaveTheAccessMadeAgain) {
    device->again = true;
    EXPECT_EQ(access(0, load_word), vcpu);
    EXPECT_EQ(pc(), guest_pc);
    device->again = false;
    access(0, load_word);
    EXPECT_TRUE(answer(ticket(), 5));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(x(3), 5U);
}

TEST_F(PendingAccess, TwoVcpusWaitAtOnce) {
    ASSERT_EQ(call(*vcpu, psci::CpuOn64, 1, guest::ram_base.value), 0U);
    settle();
    vcpu->registers().pc = guest_pc;
    Vcpu& other = alpha->vcpu(1);
    const u64 other_pc = other.registers().pc;
    EXPECT_EQ(access(0, load_word), nullptr);
    EXPECT_EQ(access(1, load_word), nullptr);
    EXPECT_TRUE(answer(ticket(1), 11));
    EXPECT_EQ(enter(1), &other);
    EXPECT_EQ(other.registers().x[3], 11U);
    EXPECT_EQ(other.registers().pc, other_pc + 4);
    EXPECT_EQ(enter(0), nullptr) << "its answer has not come";
    EXPECT_TRUE(answer(ticket(0), 10));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(x(3), 10U);
}

TEST_F(PendingAccess, APauseLastsThroughAnAnswer) {
    access(0, load_word);
    ASSERT_TRUE(alpha->pause());
    enter(0);
    const u64 guest_time = arch::fake_ticks - alpha->clock().offset();
    arch::fake_ticks += second;
    EXPECT_TRUE(answer(ticket(), 7));
    EXPECT_EQ(enter(0), nullptr) << "it is paused";
    arch::fake_ticks += second;
    ASSERT_TRUE(alpha->resume());
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(x(3), 7U);
    EXPECT_EQ(arch::fake_ticks - alpha->clock().offset(), guest_time) << "and no time has passed";
}

TEST_F(PendingAccess, WaitsOnAfterAPause) {
    access(0, load_word);
    ASSERT_TRUE(alpha->pause());
    enter(0);
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Held);
    ASSERT_TRUE(alpha->resume());
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Waiting);
    EXPECT_EQ(pc(), guest_pc);
    EXPECT_TRUE(answer(ticket(), 8));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(x(3), 8U);
}

TEST_F(PendingAccess, ALateAnswerToAVmThatWasResetIsDropped) {
    access(0, load_word);
    const vdev::Ticket late = ticket();
    alpha->request_stop(StopReason::Reset);
    settle();
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Running) << "of its next life";
    const auto before = vcpu->registers();
    EXPECT_FALSE(answer(late, 9));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(vcpu->registers().pc, before.pc);
    EXPECT_EQ(x(3), before.x[3]);
    access(0, load_word); // and not taken for the answer to the next one
    EXPECT_FALSE(answer(late, 9));
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_TRUE(answer(ticket(), 10));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(x(3), 10U);
}

TEST_F(PendingAccess, ADeviceThatNeverAnswersDoesNotKeepItsVm) {
    const Balance before = balance(); // the device has no part in it
    access(0, load_word);
    alpha->request_stop(StopReason::Destroyed);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_LT(balance().vmids, before.vmids);
}

TEST_F(PendingAccess, AnAnswerThatHasComeDoesNotOutliveAStop) {
    access(0, load_word);
    EXPECT_TRUE(answer(ticket(), 9));
    alpha->request_stop(StopReason::Reset);
    settle();
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(pc(), guest::ram_base.value) << "the first instruction of its next life";
}

TEST_F(PendingAccess, ANewVmDoesNotTakeAnAnswerToTheOneBeforeIt) {
    access(0, load_word);
    const vdev::Ticket late = ticket();
    alpha->request_stop(StopReason::Destroyed);
    settle();
    ASSERT_TRUE(manager->start("alpha"));
    settle();
    alpha = find("alpha");
    vcpu = &alpha->vcpu(0);
    connect();
    enter(0);
    access(0, load_word);
    EXPECT_NE(ticket(), late);
    EXPECT_FALSE(answer(late, 9));
    EXPECT_EQ(enter(0), nullptr);
}

TEST_F(PendingAccess, ItsCpuSleepsMeanwhileAndNoTimeIsStolen) {
    const u64 stolen = vcpu->steal_time();
    const u64 ran = vcpu->run_time();
    EXPECT_EQ(access(0, load_word), nullptr) << "or it would spin";
    arch::fake_ticks += second;
    EXPECT_EQ(enter(0), nullptr);
    EXPECT_TRUE(answer(ticket(), 1));
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(vcpu->steal_time(), stolen);
    EXPECT_EQ(vcpu->run_time(), ran);
}

} // namespace
} // namespace trv::trap
