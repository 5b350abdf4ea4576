// SPDX-License-Identifier: Apache-2.0
// Exits of a guest whose EL1 is in AArch32.

#include "../vm/one_vm.hpp"
#include "arch/aarch32/exception_state.hpp"
#include "arch/asynchronous_error.hpp"
#include "arch/registers/id_registers.hpp"
#include "arch/smccc.hpp"
#include "lib/psci.hpp"
#include "trap/handlers.hpp"

namespace trv::trap {
namespace {

using namespace arch;
using namespace arch::aarch32;

class Aarch32Test : public vm::OneVm {
  public:
    static constexpr u64 svc = mode::Supervisor | pstate::A | pstate::I | pstate::F;
    static constexpr u64 z = bit(30);
    static constexpr u64 il = bit(25);
    static constexpr u64 always = bit(24) | u64{0xe} << 20;
    static constexpr u64 upper = 0xdead'beef'0000'0000;

    Aarch32Test() {
        for (unsigned i = 0; i < 2; ++i) {
            alpha->vcpu(i).context().aarch32.in_use = true;
        }
        vcpu->registers().pstate = svc;
        fake_guest_vector_base = 0xc000'0000;
        fake_guest_system_control = sctlr::reset;
        fake_exception_state = {};
    }
    ~Aarch32Test() override { fake_firmware = nullptr; }

    void exit(ExceptionClass exception_class, u64 iss) {
        vcpu->registers().pc = guest_pc;
        leave_guest(0, ExitKind::Sync, u64{static_cast<u8>(exception_class)} << 26 | il | iss);
    }
    static constexpr u64 transfer(u32 op1, u32 crn, u32 crm, u32 op2, unsigned rt, bool read) {
        return always | u64{op2} << 17 | u64{op1} << 14 | u64{crn} << 10 | u64{rt} << 5 | u64{crm} << 1 |
               (read ? 1 : 0);
    }
    static constexpr u64 pair(u32 op1, u32 crm, unsigned low, unsigned high, bool read) {
        return always | u64{op1} << 16 | u64{high} << 10 | u64{low} << 5 | u64{crm} << 1 | (read ? 1 : 0);
    }
    [[nodiscard]] bool undefined() const {
        return vcpu->registers().pc == 0xc000'0004 && (vcpu->registers().pstate & 0x1f) == mode::Undefined &&
               vcpu->registers().x[22] == guest_pc + 4 && fake_exception_state.saved_undefined == svc;
    }
};

TEST_F(Aarch32Test, CallsByBothConduitsUseTheLowerHalves) {
    x(0) = upper | psci::Version;
    exit(ExceptionClass::Hvc32, 0);
    EXPECT_EQ(x(0), psci::version_1_1);
    EXPECT_EQ(pc(), guest_pc) << "an HVC has completed";
    x(0) = upper | psci::AffinityInfo32;
    x(1) = upper | 1;
    x(2) = upper;
    exit(ExceptionClass::Smc32, always);
    EXPECT_EQ(x(0), static_cast<u64>(psci::PowerState::Off));
    EXPECT_TRUE(went_on());
}

TEST_F(Aarch32Test, HasNoCallsOfTheOtherWidth) {
    x(0) = psci::CpuOn64;
    x(1) = 1;
    x(2) = guest::ram_base.value;
    exit(ExceptionClass::Smc32, always);
    EXPECT_EQ(static_cast<u32>(x(0)), 0xffff'ffffU);
    EXPECT_FALSE(alpha->vcpus().is_on(1));
}

TEST_F(Aarch32Test, SaysThatItHasNone) {
    for (const u32 function : {psci::CpuOn32, psci::CpuOn64}) {
        x(0) = psci::Features;
        x(1) = function;
        exit(ExceptionClass::Smc32, always);
        EXPECT_EQ(static_cast<i32>(x(0)), function == psci::CpuOn32 ? 0 : static_cast<i32>(psci::Status::NotSupported));
    }
}

TEST_F(Aarch32Test, AReservedImmediateIsNotACall) {
    x(0) = psci::SystemOff;
    exit(ExceptionClass::Hvc32, 0x4a48);
    EXPECT_EQ(static_cast<u32>(x(0)), 0xffff'ffffU);
    EXPECT_FALSE(alpha->stop().is_made());
}

TEST_F(Aarch32Test, WhatItsConditionForbidsIsSkipped) {
    x(0) = psci::SystemOff;
    exit(ExceptionClass::Smc32, bit(24)); // EQ
    EXPECT_TRUE(went_on());
    EXPECT_FALSE(alpha->stop().is_made());
    exit(ExceptionClass::Wfx, bit(24));
    EXPECT_TRUE(went_on());
    EXPECT_EQ(vm::current_vcpu(cpus[0]), vcpu) << "it does not wait";
    vcpu->registers().pstate |= z;
    exit(ExceptionClass::Wfx, bit(24));
    EXPECT_NE(vm::current_vcpu(cpus[0]), vcpu);
}

TEST_F(Aarch32Test, AnotherCpuStartsInTheSameState) {
    x(0) = psci::CpuOn32;
    x(1) = 1;
    x(2) = guest::ram_base.value + 0x8001;
    x(3) = upper | 7;
    exit(ExceptionClass::Smc32, always);
    ASSERT_EQ(x(0), 0U);
    const GuestContext& other = alpha->vcpu(1).context();
    EXPECT_EQ(other.registers.pc, guest::ram_base.value + 0x8000);
    EXPECT_EQ(other.registers.pstate, svc | pstate::T) << "bit 0 of its entry chooses T32";
    EXPECT_EQ(other.registers.x[0], 7U);
    EXPECT_EQ(other.el1.sctlr, sctlr::reset);
    EXPECT_TRUE(other.aarch32.in_use);
}

TEST_F(Aarch32Test, AnEntryPointIsOfA32OrT32) {
    x(0) = psci::CpuOn32;
    x(1) = 1;
    x(2) = guest::ram_base.value + 2;
    exit(ExceptionClass::Smc32, always);
    EXPECT_EQ(static_cast<i32>(x(0)), static_cast<i32>(psci::Status::InvalidAddress));
}

TEST_F(Aarch32Test, IdentificationIsTheSanitizedOne) {
    fake_id_register = ~u64{0};
    x(5) = 0;
    exit(ExceptionClass::Transfer15, transfer(0, 0, 1, 1, 5, true)); // ID_PFR1
    EXPECT_EQ(x(5), static_cast<u32>(sanitize_id_register(system_register(3, 0, 0, 1, 1), ~u64{0})));
    EXPECT_TRUE(went_on());
    exit(ExceptionClass::Vmrs, transfer(7, 7, 0, 0, 5, true)); // MVFR0
    EXPECT_EQ(x(5), 0xffff'ffffU) << "of 32 bits";
    exit(ExceptionClass::Transfer15, transfer(0, 0, 4, 0, 5, true)); // where AArch64 has ID_AA64PFR0_EL1
    EXPECT_EQ(x(5), 0U);
    EXPECT_TRUE(went_on());
    fake_id_register = 0;
}

TEST_F(Aarch32Test, ThePhysicalTimerIsReadAndWrittenInHalves) {
    x(2) = upper | 0x8000'0001;
    x(3) = upper | 0x12;
    exit(ExceptionClass::Pair15, pair(2, 14, 2, 3, false)); // CNTP_CVAL
    EXPECT_EQ(vcpu->physical_timer.compare, 0x12'8000'0001U);
    EXPECT_EQ(x(2), 0x8000'0001U);
    EXPECT_EQ(x(3), 0x12U);
    exit(ExceptionClass::Pair15, pair(2, 14, 4, 18, true));
    EXPECT_EQ(x(4), 0x8000'0001U);
    EXPECT_EQ(x(18), 0x12U) << "LR of the Supervisor mode";
    x(1) = upper | 2;
    exit(ExceptionClass::Transfer15, transfer(0, 14, 2, 1, 1, false)); // CNTP_CTL
    EXPECT_EQ(vcpu->physical_timer.control, 2U);
    EXPECT_TRUE(went_on());
}

TEST_F(Aarch32Test, ReadsTakeNoMoreThan32Bits) {
    x(5) = upper;
    vcpu->physical_timer.compare = 0x1'0000'0000 + fake_ticks;
    exit(ExceptionClass::Transfer15, transfer(0, 14, 2, 0, 5, true)); // CNTP_TVAL
    EXPECT_EQ(x(5), 0U);
}

TEST_F(Aarch32Test, HasNoDebugRegisters) {
    x(5) = 5;
    exit(ExceptionClass::Transfer14, transfer(0, 0, 0, 0, 5, true)); // DBGDIDR
    EXPECT_EQ(x(5), 0U);
    EXPECT_TRUE(went_on());
    exit(ExceptionClass::Transfer14, transfer(0, 0, 2, 2, 5, false)); // DBGDSCRext
    EXPECT_TRUE(went_on());
    x(5) = x(6) = 5;
    exit(ExceptionClass::Pair14, pair(0, 1, 5, 6, true)); // DBGDRAR
    EXPECT_EQ(x(5) | x(6), 0U);
    EXPECT_TRUE(went_on());
    exit(ExceptionClass::Transfer14, transfer(1, 0, 0, 0, 5, true)); // of a trace unit
    EXPECT_TRUE(undefined());
}

TEST_F(Aarch32Test, WhatIsNotEmulatedIsUndefined) {
    exit(ExceptionClass::Transfer15, transfer(0, 15, 0, 0, 5, true));
    EXPECT_TRUE(undefined());
    for (const ExceptionClass each :
         {ExceptionClass::Pair15, ExceptionClass::Memory14, ExceptionClass::FpAccess, ExceptionClass::Unknown}) {
        vcpu->registers().pstate = svc;
        exit(each, pair(7, 7, 1, 2, true));
        EXPECT_TRUE(undefined());
    }
    EXPECT_FALSE(alpha->stop().is_made());
}

TEST_F(Aarch32Test, EveryAccessIsAnsweredOrUndefined) {
    for (const ExceptionClass each : {ExceptionClass::Transfer15, ExceptionClass::Pair15, ExceptionClass::Transfer14,
                                      ExceptionClass::Pair14, ExceptionClass::Vmrs}) {
        for (u64 iss = 0; iss < 1 << 20; iss += 1 + (iss & 0x60)) {
            vcpu->registers().pstate = svc;
            exit(each, always | iss);
            ASSERT_TRUE(went_on() || undefined()) << iss;
        }
    }
    EXPECT_FALSE(alpha->stop().is_made());
}

TEST_F(Aarch32Test, AnAccessWithoutATargetIsADataAbort) {
    fake_fault_address = 0x1234'5678;
    fake_fault_page = 0x0c00'0000 >> 8;
    constexpr u64 store_word = bit(24) | u64{2} << 22 | bit(6) | 0x06;
    exit(ExceptionClass::DataAbortLower, store_word);
    EXPECT_EQ(pc(), 0xc000'0010U);
    EXPECT_EQ(vcpu->registers().pstate, mode::Abort | pstate::A | pstate::I | pstate::F);
    EXPECT_EQ(x(20), guest_pc + 8);
    EXPECT_EQ(fake_exception_state.saved_abort, svc);
    EXPECT_EQ(fake_exception_state.data_address, 0x1234'5678U);
    EXPECT_EQ(fake_exception_state.data_status, 0x808U);
}

TEST_F(Aarch32Test, FetchingWhereNothingIsIsAPrefetchAbort) {
    fake_exception_state.translation_control = ttbcr_eae;
    fake_fault_address = 0x1234'5678;
    fake_fault_page = 0;
    exit(ExceptionClass::InstructionAbortLower, 0x06);
    EXPECT_EQ(pc(), 0xc000'000cU);
    EXPECT_EQ(x(20), guest_pc + 4);
    EXPECT_EQ(fake_exception_state.prefetch_address, 0x1234'5678U);
    EXPECT_EQ(fake_exception_state.prefetch_status, 0x210U);
    EXPECT_FALSE(alpha->stop().is_made());
    vcpu->registers().pc = 0xc000'000c;
    handle_instruction_abort(*vcpu, {u64{0x20} << 26 | il | 0x06, 0xc000'000c, 0});
    EXPECT_EQ(alpha->stop().reason(), vm::StopReason::Crash) << "it would fault for ever";
}

TEST_F(Aarch32Test, ADeviceIsReadIntoTheModesOwnRegister) {
    constexpr u64 uart_flags = 0x18;
    constexpr u64 load_word = bit(24) | u64{2} << 22 | 0x06;
    fake_fault_address = uart_flags;
    fake_fault_page = guest::console_base.value >> 8;
    for (const u64 named : {u64{14}, u64{18}}) { // as QEMU has it, and as the architecture
        x(14) = x(18) = 0x5555;
        exit(ExceptionClass::DataAbortLower, load_word | named << 16);
        EXPECT_NE(x(18), 0x5555U) << named;
        EXPECT_EQ(x(14), 0x5555U) << "LR of the User mode";
        EXPECT_TRUE(went_on());
    }
}

TEST_F(Aarch32Test, AnErrorIsAnUncontainableOne) {
    leave_guest(0, ExitKind::SError, 0xbe00'0011);
    EXPECT_TRUE(fake_guest_cpu.virtual_error.pending);
    EXPECT_EQ(fake_guest_cpu.virtual_error.syndrome, 0U);
}

} // namespace
} // namespace trv::trap
