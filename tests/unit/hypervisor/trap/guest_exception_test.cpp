// SPDX-License-Identifier: Apache-2.0
#include "../vm/one_vm.hpp"
#include "trap/guest_exception.hpp"

namespace trv::trap {
namespace {

using namespace vm;

using namespace arch;

class GuestException : public OneVm {
  public:
    u64 vector_from(u64 pstate) {
        vcpu->registers().pc = guest_pc;
        vcpu->registers().pstate = pstate;
        inject_undefined(*vcpu);
        return pc() - vectors;
    }
    /// ESR_EL2 of a translation fault in stage 2.
    static constexpr u64 abort_at_el2(ExceptionClass exception_class, u64 iss) {
        return u64{static_cast<u8>(exception_class)} << 26 | bit(25) | iss | 0x06;
    }
    u64 pstate_after(u64 pstate) {
        vcpu->registers().pstate = pstate;
        inject_undefined(*vcpu);
        return vcpu->registers().pstate;
    }
};

TEST_F(GuestException, TakesTheVectorOfWhereItWas) {
    EXPECT_EQ(vector_from(spsr::El1t), 0x000U);
    EXPECT_EQ(vector_from(spsr::El1h), 0x200U);
    EXPECT_EQ(vector_from(spsr::El0t), 0x400U);
    EXPECT_EQ(vector_from(spsr::AArch32), 0x600U) << "a 32-bit application";
}

TEST_F(GuestException, RemembersWhereItWas) {
    vcpu->registers().pstate = spsr::El0t | bit(30);
    inject_undefined(*vcpu);
    EXPECT_EQ(fake_guest_exception.return_address, guest_pc);
    EXPECT_EQ(fake_guest_exception.saved_pstate, spsr::El0t | bit(30));
    EXPECT_EQ(fake_guest_exception.syndrome, bit(25)) << "unknown reason, a 32-bit instruction";
}

TEST_F(GuestException, RunsAtEl1WithEverythingMasked) {
    EXPECT_EQ(pstate_after(spsr::El0t), spsr::El1h | spsr::DAIF);
    EXPECT_EQ(pstate_after(spsr::El1h | bit(21) | bit(20) | bit(23) | bit(10)), spsr::El1h | spsr::DAIF)
        << "single step, illegal state, UAO and BTYPE are cleared";
}

TEST_F(GuestException, KeepsFlagsAndDataIndependentTiming) {
    EXPECT_EQ(pstate_after(spsr::El0t | spsr::NZCV | spsr::DIT), spsr::El1h | spsr::DAIF | spsr::NZCV | spsr::DIT);
    EXPECT_EQ(pstate_after(spsr::AArch32 | spsr::NZCV | spsr::DIT), spsr::El1h | spsr::DAIF | spsr::NZCV)
        << "that bit is another one in AArch32";
}

TEST_F(GuestException, SetsPanAsTheKernelAskedForIt) {
    EXPECT_EQ(pstate_after(spsr::El0t) & spsr::PAN, 0U);
    fake_guest_system_control &= ~sctlr_el1::SPAN;
    EXPECT_EQ(pstate_after(spsr::El0t) & spsr::PAN, spsr::PAN);
    fake_guest_system_control |= sctlr_el1::SPAN;
    EXPECT_EQ(pstate_after(spsr::El1h | spsr::PAN) & spsr::PAN, spsr::PAN) << "it is not cleared either";
}

TEST_F(GuestException, SetsSsbsAsTheKernelAskedForIt) {
    EXPECT_EQ(pstate_after(spsr::El0t | spsr::SSBS) & spsr::SSBS, 0U);
    fake_guest_system_control |= sctlr_el1::DSSBS;
    EXPECT_EQ(pstate_after(spsr::El0t) & spsr::SSBS, spsr::SSBS);
}

TEST_F(GuestException, AnExternalAbortNamesTheAddressAndWhoseAccessItWas) {
    struct {
        ExceptionClass at_el2;
        u64 pstate;
        ExceptionClass expected;
    } constexpr cases[] = {
        {ExceptionClass::DataAbortLower, spsr::El0t, ExceptionClass::DataAbortLower},
        {ExceptionClass::DataAbortLower, spsr::El1h, ExceptionClass::DataAbortSame},
        {ExceptionClass::DataAbortLower, spsr::AArch32, ExceptionClass::DataAbortLower},
        {ExceptionClass::InstructionAbortLower, spsr::El0t, ExceptionClass::InstructionAbortLower},
        {ExceptionClass::InstructionAbortLower, spsr::El1h, ExceptionClass::InstructionAbortSame},
        {ExceptionClass::InstructionAbortLower, spsr::AArch32, ExceptionClass::InstructionAbortLower},
    };
    for (const auto& each : cases) {
        vcpu->registers().pc = guest_pc;
        vcpu->registers().pstate = each.pstate;
        inject_external_abort(*vcpu, abort_at_el2(each.at_el2, 0), 0xffff'0000'1234);
        EXPECT_TRUE(took(each.expected));
        EXPECT_EQ(fake_guest_exception.syndrome & 0x3ff'ffff, bit(25) | 0x10U) << "a 32-bit instruction, external";
        EXPECT_EQ(fake_guest_exception.saved_pstate, each.pstate);
        EXPECT_EQ(fake_guest_fault_address, 0xffff'0000'1234U);
    }
}

TEST_F(GuestException, AnExternalAbortSaysWhatKindOfAccessItWas) {
    constexpr u64 cache_maintenance = bit(8), write = bit(6), valid = bit(24), walk = bit(7);
    for (const u64 kind : {u64{0}, write, write | cache_maintenance}) {
        inject_external_abort(*vcpu, abort_at_el2(ExceptionClass::DataAbortLower, valid | walk | kind), 0);
        EXPECT_EQ(fake_guest_exception.syndrome & 0x1ff'ffff, kind | 0x10);
    }
    inject_external_abort(*vcpu, abort_at_el2(ExceptionClass::InstructionAbortLower, write), 0);
    EXPECT_EQ(fake_guest_exception.syndrome & 0x1ff'ffff, 0x10U) << "fetches have no such field";
}

} // namespace
} // namespace trv::trap
