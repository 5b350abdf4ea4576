// SPDX-License-Identifier: Apache-2.0
// What a guest may ask for by HVC or SMC, PSCI included.

#include "../vm/one_vm.hpp"
#include "arch/smccc.hpp"
#include "lib/psci.hpp"
#include "sched/speculation.hpp"
#include "trap/handlers.hpp"

#include <random>

namespace trv::trap {
namespace {

using namespace vm;

using namespace arch;
using psci::Status;

class HypercallTest : public OneVm {
  public:
    ~HypercallTest() override { fake_firmware = nullptr; }
    static constexpr u64 not_supported = ~u64{0};
    static constexpr u64 code(Status status) { return static_cast<u64>(i64{static_cast<i32>(status)}); }
    static constexpr u64 entry = guest::ram_base.value + 0x8'0000;

    u64 ask(u64 function, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) { return call(*vcpu, function, a1, a2, a3); }
};

TEST_F(HypercallTest, BothConduitsAnswerAndOnlySmcMovesThePc) {
    x(0) = psci::Version;
    leave_guest(0, ExitKind::Sync, u64{0x17} << 26 | bit(25));
    EXPECT_EQ(x(0), 0x1'0001U);
    EXPECT_EQ(pc(), guest_pc + 4) << "a trapped SMC has not completed";
    EXPECT_EQ(ask(psci::Version), 0x1'0001U);
    EXPECT_EQ(pc(), guest_pc + 4) << "an HVC has";
}

TEST_F(HypercallTest, ReservedImmediatesAreNoCalls) {
    for (const u64 immediate : {0x1U, 0x123U, 0xea1U, 0x4a48U, 0x8000U, 0xffffU}) {
        for (const u64 exception_class : {0x16U, 0x17U}) {
            const u64 pc_before = pc();
            x(0) = psci::SystemOff;
            x(1) = 7;
            leave_guest(0, ExitKind::Sync, exception_class << 26 | bit(25) | immediate);
            EXPECT_EQ(x(0), not_supported);
            EXPECT_EQ(x(1), 7U);
            EXPECT_EQ(pc() - pc_before, exception_class == 0x17 ? 4U : 0U) << "only SMC is stepped over";
            EXPECT_FALSE(alpha->stop().is_made());
        }
    }
}

TEST_F(HypercallTest, TheFunctionIs32BitsWide) {
    EXPECT_EQ(ask(0xdead'beef'0000'0000 | psci::Version), 0x1'0001U);
}

TEST_F(HypercallTest, EveryUnknownFunctionIsNotSupportedAndGoesNowhere) {
    bool forwarded = false;
    fake_firmware = [&forwarded](const SmcArguments&) {
        forwarded = true;
        return SmcResult{};
    };
    std::mt19937 random(3);
    constexpr u32 known[] = {psci::CpuOff, psci::SystemOff, psci::SystemReset, psci::CpuSuspend32, psci::CpuSuspend64};
    for (unsigned i = 0; i < 20'000; ++i) {
        const u32 kind = static_cast<u32>(random() % 8) << 24; // fast calls, of all owners
        const u32 function = 0x8000'0000 | kind | (static_cast<u32>(random()) & 0x4000'ffff);
        if (std::ranges::find(known, function) == std::end(known)) {
            (void)ask(function, ~u64{0}, ~u64{0}, ~u64{0});
        }
    }
    EXPECT_FALSE(forwarded);
    EXPECT_FALSE(alpha->stop().is_made());
    for (const u64 function : {0x8400'ffffU, 0x8400'0005U, 0xc400'0012U, 0x8500'0000U, 0xc600'0000U, 0x8100'0000U,
                               0x0400'0000U, 0xbf00'ff01U & 0xfcff'ffffU, 0x8000'0002U}) {
        EXPECT_EQ(ask(function), not_supported) << function;
    }
}

TEST_F(HypercallTest, OtherRegistersStayAsTheyAre) {
    for (unsigned i = 4; i < 31; ++i) {
        x(i) = 0x1111'0000 + i;
    }
    (void)ask(psci::Version, 1, 2, 3);
    for (unsigned i = 4; i < 31; ++i) {
        EXPECT_EQ(x(i), 0x1111'0000 + i);
    }
    EXPECT_EQ(x(1), 1U);
}

TEST_F(HypercallTest, TellsTheConventionsVersionAndFeatures) {
    EXPECT_EQ(ask(smccc::Version), 0x1'0002U);
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::Version), 0U);
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::PvTimeFeatures), 0U);
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::ArchSocId), not_supported);
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::ArchWorkaround1), not_supported);
}

TEST_F(HypercallTest, OffersTheWorkaroundsThatTheFirmwareHas) {
    std::vector<u64> called;
    fake_firmware = [&called](const SmcArguments& arguments) {
        if (arguments.a[0] == smccc::ArchFeatures) {
            return SmcResult{{arguments.a[1] == smccc::ArchWorkaround1 ? 0 : not_supported, 0, 0, 0}};
        }
        called.push_back(arguments.a[0]);
        EXPECT_EQ(arguments.a[1], 0U) << "nothing of the guest's goes along";
        return SmcResult{};
    };
    sched::start_measures(cpus[0]);
    called.clear();
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::ArchWorkaround1), 0U);
    (void)ask(smccc::ArchWorkaround1, ~u64{0});
    EXPECT_EQ(called, std::vector<u64>{smccc::ArchWorkaround1});
    EXPECT_EQ(ask(smccc::ArchWorkaround3), not_supported);
    EXPECT_EQ(called.size(), 1U);
}

// On a machine whose CPUs need different workarounds, each vCPU gets the answer for its home CPU.
TEST_F(HypercallTest, TheAnswerIsThatOfTheVcpusOwnCpu) {
    cpus[0].facts.workaround3 = 1;
    cpus[1].facts.workaround1 = 0;
    ASSERT_EQ(ask(psci::CpuOn64, 1, entry), 0U);
    enter(1);
    Vcpu& other = alpha->vcpu(1);
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::ArchWorkaround3), 1U);
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::ArchWorkaround1), not_supported);
    EXPECT_EQ(call(other, smccc::ArchFeatures, smccc::ArchWorkaround3), not_supported);
    EXPECT_EQ(call(other, smccc::ArchFeatures, smccc::ArchWorkaround1), 0U);
}

// The switch is the CPU's: one guest must not switch the mitigation off for the next one, or for EL2.
TEST_F(HypercallTest, NoGuestSwitchesTheStoreBypassMitigation) {
    std::vector<std::pair<u64, u64>> called;
    fake_firmware = [&called](const SmcArguments& arguments) {
        if (arguments.a[0] == smccc::ArchFeatures) {
            return SmcResult{{arguments.a[1] == smccc::ArchWorkaround2 ? 0 : not_supported, 0, 0, 0}};
        }
        called.emplace_back(arguments.a[0], arguments.a[1]);
        return SmcResult{};
    };
    sched::start_measures(cpus[0]);
    EXPECT_EQ(called, (std::vector<std::pair<u64, u64>>{{smccc::ArchWorkaround2, 1}})) << "on, at the CPU's start";
    EXPECT_EQ(ask(smccc::ArchFeatures, smccc::ArchWorkaround2), static_cast<u64>(-2)) << "guests need not call";
    (void)ask(smccc::ArchWorkaround2, 0);
    EXPECT_EQ(called.size(), 1U) << "and one that does changes nothing";
}

TEST_F(HypercallTest, TellsEachVcpuWhereItsStolenTimeIs) {
    EXPECT_EQ(ask(smccc::PvTimeFeatures, smccc::PvTimeStolen), 0U);
    EXPECT_EQ(ask(smccc::PvTimeFeatures, 0xc500'0022), not_supported);
    EXPECT_EQ(ask(smccc::PvTimeStolen), guest::stolen_time_base.value);
    ASSERT_EQ(ask(psci::CpuOn64, 1, entry), 0U);
    enter(1);
    EXPECT_EQ(call(alpha->vcpu(1), smccc::PvTimeStolen), guest::stolen_time_base.value + 64);
}

TEST_F(HypercallTest, SaysWhoItIs) {
    EXPECT_EQ(ask(smccc::VendorCallCount), 3U);
    EXPECT_NE(ask(smccc::VendorUid), not_supported);
    EXPECT_LE(x(3), 0xffff'ffffU);
    EXPECT_EQ(ask(smccc::VendorRevision), 1U);
}

// PSCI

class GuestPsci : public HypercallTest {};

TEST_F(GuestPsci, SaysWhichFunctionsThereAre) {
    for (const u32 function :
         {psci::Version, psci::CpuSuspend32, psci::CpuSuspend64, psci::CpuOff, psci::CpuOn32, psci::CpuOn64,
          psci::AffinityInfo32, psci::AffinityInfo64, psci::MigrateInfoType, psci::SystemOff, psci::SystemReset,
          psci::Features, psci::SystemSuspend32, psci::SystemSuspend64, smccc::Version}) {
        EXPECT_EQ(ask(psci::Features, function), 0U) << function;
    }
    for (const u32 function : {0x8400'0005U, 0x8400'0007U, 0x8400'000fU, 0xc400'0012U, 0xffff'ffffU, 0U}) {
        EXPECT_EQ(ask(psci::Features, function), not_supported) << function;
    }
    EXPECT_EQ(ask(psci::MigrateInfoType), 2U);
}

TEST_F(GuestPsci, SwitchesAVcpuOn) {
    EXPECT_EQ(ask(psci::AffinityInfo64, 1), 1U);
    EXPECT_EQ(ask(psci::CpuOn64, 1, entry, 0x1122'3344'5566'7788), 0U);
    EXPECT_EQ(ask(psci::AffinityInfo64, 1), 0U);
    EXPECT_EQ(enter(1), &alpha->vcpu(1));
    EXPECT_EQ(alpha->vcpu(1).registers().pc, entry);
    EXPECT_EQ(alpha->vcpu(1).registers().x[0], 0x1122'3344'5566'7788U);
    EXPECT_EQ(alpha->vcpu(1).context().vmpidr, 0x8000'0001U);
    EXPECT_EQ(ask(psci::CpuOn64, 1, entry), code(Status::AlreadyOn));
    EXPECT_EQ(ask(psci::CpuOn64, 0, entry), code(Status::AlreadyOn)) << "itself";
}

TEST_F(GuestPsci, RefusesEntriesAndVcpusThatAreNone) {
    for (const u64 target : {u64{2}, u64{8}, u64{0x100}, u64{0x8000'0001}, u64{1} << 32, ~u64{0}}) {
        EXPECT_EQ(ask(psci::CpuOn64, target, entry), code(Status::InvalidParameters)) << target;
        EXPECT_EQ(ask(psci::AffinityInfo64, target), code(Status::InvalidParameters)) << target;
    }
    for (const u64 bad : {u64{0}, guest::ram_base.value - 4, guest::ram_base.value + 16 * MiB, entry + 2, ~u64{3}}) {
        EXPECT_EQ(ask(psci::CpuOn64, 1, bad), code(Status::InvalidAddress)) << bad;
    }
    EXPECT_EQ(ask(psci::AffinityInfo64, 1, 1), code(Status::InvalidParameters)) << "clusters have no power state";
    EXPECT_FALSE(alpha->vcpus().is_on(1));
}

TEST_F(GuestPsci, ArgumentsOf32BitCallsAre32BitsWide) {
    constexpr u64 garbage = 0xdead'beef'0000'0000;
    EXPECT_EQ(ask(psci::AffinityInfo32, garbage | 1, garbage), 1U);
    EXPECT_EQ(ask(psci::CpuOn32, garbage | 1, garbage | entry, garbage | 5), 0U);
    EXPECT_EQ(alpha->vcpu(1).registers().pc, entry);
    EXPECT_EQ(alpha->vcpu(1).registers().x[0], 5U);
}

TEST_F(GuestPsci, SuspendsUntilAnInterrupt) {
    EXPECT_EQ(ask(psci::CpuSuspend64, 0x1'0000, entry), 0U);
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Blocked);
    alpha->vcpu(0).wake();
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(pc(), guest_pc) << "it goes on, as after a standby";
}

TEST_F(GuestPsci, SuspendsTheVmUntilAnInterrupt) {
    vcpu->context().el1.ttbr0 = 0x1234;
    vcpu->context().timer = {.control = 1, .compare = 77};
    EXPECT_EQ(ask(psci::SystemSuspend64, entry, 0x1122'3344'5566'7788), 0x1122'3344'5566'7788U);
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Blocked);
    alpha->vcpu(0).wake();
    EXPECT_EQ(enter(0), vcpu);
    EXPECT_EQ(pc(), entry);
    EXPECT_EQ(vcpu->context().el1.ttbr0, 0U);
    EXPECT_EQ(vcpu->context().el1.sctlr, sctlr_el1_reset);
    EXPECT_EQ(vcpu->context().vmpidr, 0x8000'0000U);
    EXPECT_EQ(vcpu->context().timer.compare, 77U) << "it may be what wakes it";
}

TEST_F(GuestPsci, DoesNotSuspendTheVmWhileAnotherVcpuIsOnNorForABadEntry) {
    EXPECT_EQ(ask(psci::SystemSuspend64, 0), code(Status::InvalidAddress));
    EXPECT_EQ(ask(psci::SystemSuspend64, entry + 2), code(Status::InvalidAddress));
    EXPECT_EQ(ask(psci::CpuOn64, 1, entry), 0U);
    EXPECT_EQ(ask(psci::SystemSuspend64, entry), code(Status::Denied));
    EXPECT_EQ(vcpu->run_state(), sched::RunState::Running);
}

TEST_F(GuestPsci, SwitchesVcpusOnDenyWhileTheVmStops) {
    alpha->request_stop(StopReason::Reset);
    x(0) = psci::CpuOn64, x(1) = 1, x(2) = entry;
    handle_hypercall(*vcpu);
    EXPECT_EQ(x(0), code(Status::Denied));
    settle();
    EXPECT_EQ(alpha->state(), VmState::Running);
}

TEST_F(GuestPsci, EndsAndResetsTheVmItselfOnly) {
    x(0) = psci::SystemReset;
    handle_hypercall(*vcpu);
    EXPECT_EQ(alpha->stop().reason(), StopReason::Reboot);
    settle();
    EXPECT_EQ(alpha->state(), VmState::Running);
    EXPECT_EQ(pc(), guest::ram_base.value);
    issue(*vcpu, psci::SystemOff);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
}

TEST_F(GuestPsci, AnUnknownExceptionIsUndefinedForTheGuest) {
    leave_guest(0, ExitKind::Sync, u64{0x09} << 26 | bit(25)); // pointer authentication, which is hidden
    EXPECT_TRUE(is_undefined());
}

} // namespace
} // namespace trv::trap
