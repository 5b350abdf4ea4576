#include "one_vm.hpp"
#include "vm/guest_exception.hpp"

namespace trv::vm {
namespace {

using namespace arch;

class GuestException : public OneVm {
  public:
    u64 vector_from(u64 pstate) {
        vcpu->registers().pc = guest_pc;
        vcpu->registers().pstate = pstate;
        inject_undefined(*vcpu);
        return pc() - vectors;
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

TEST_F(GuestException, AnExternalAbortTellsTheAddressAndWhoseItIs) {
    struct {
        u64 pstate;
        ExceptionClass expected;
    } constexpr cases[] = {
        {spsr::El0t, ExceptionClass::DataAbortLower},
        {spsr::El1h, ExceptionClass::DataAbortSame},
        {spsr::AArch32, ExceptionClass::DataAbortLower},
    };
    for (const auto& each : cases) {
        vcpu->registers().pc = guest_pc;
        vcpu->registers().pstate = each.pstate;
        inject_external_abort(*vcpu, 0xffff'0000'1234);
        EXPECT_TRUE(took(each.expected));
        EXPECT_EQ(fake_guest_exception.syndrome & 0x3f, 0x10U);
        EXPECT_EQ(fake_guest_fault_address, 0xffff'0000'1234U);
    }
}

} // namespace
} // namespace trv::vm
