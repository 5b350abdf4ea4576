// SPDX-License-Identifier: Apache-2.0
#include "arch/exception/serror.hpp"
#include "arch/registers/syndrome.hpp"
#include "arch/skip_instruction.hpp"

#include <gtest/gtest.h>

namespace trv::arch {
namespace {

/// ISS of a load or store that a device model can answer.
constexpr DataAbort access(unsigned size_log2, bool sign_extend, bool wide, unsigned reg = 3) {
    return {bit(24) | u64{size_log2} << 22 | (sign_extend ? bit(21) : 0) | u64{reg} << 16 | (wide ? bit(15) : 0) |
            0x07};
}

TEST(Syndrome, TellsClassAndLength) {
    EXPECT_EQ(Syndrome{0x5a00'0001}.exception_class(), ExceptionClass::Hvc64);
    EXPECT_EQ(Syndrome{0x5a00'0001}.iss(), 1U);
    EXPECT_EQ(Syndrome{0x5a00'0001}.instruction_size(), 4U);
    EXPECT_EQ(Syndrome{0x0400'0001}.instruction_size(), 2U);
    EXPECT_EQ(Syndrome{0xff'0000'0000'0000 | u64{0x24} << 26}.exception_class(), ExceptionClass::DataAbortLower)
        << "ISS2 above bit 31 is not part of it";
}

TEST(Syndrome, DecodesADataAbort) {
    const DataAbort load = access(1, true, true, 30);
    EXPECT_TRUE(load.valid());
    EXPECT_EQ(load.size(), 2U);
    EXPECT_TRUE(load.sign_extend());
    EXPECT_EQ(load.register_index(), 30U);
    EXPECT_TRUE(load.is_64_bit_register());
    EXPECT_FALSE(load.write());
    EXPECT_TRUE(load.is_translation_fault());
    EXPECT_FALSE(load.is_permission_fault());
    EXPECT_TRUE(DataAbort{bit(6)}.write());
    EXPECT_TRUE(DataAbort{bit(7)}.on_table_walk());
    EXPECT_TRUE(DataAbort{0x0f}.is_permission_fault());
    EXPECT_FALSE(DataAbort{0x10}.is_translation_fault()) << "an external abort";
}

TEST(Syndrome, ExtendsWhatIsLoaded) {
    EXPECT_EQ(extend_loaded(0x1234'5678'9abc'def0, access(0, false, true)), 0xf0U);
    EXPECT_EQ(extend_loaded(0x80, access(0, true, true)), ~u64{0} - 0x7f);
    EXPECT_EQ(extend_loaded(0x80, access(0, true, false)), 0xffff'ff80U) << "LDRSB Wt clears the upper half";
    EXPECT_EQ(extend_loaded(0x7f, access(0, true, true)), 0x7fU);
    EXPECT_EQ(extend_loaded(0x8000'0000, access(2, true, true)), 0xffff'ffff'8000'0000);
    EXPECT_EQ(extend_loaded(0xffff'ffff'8000'0000, access(2, false, false)), 0x8000'0000U);
    EXPECT_EQ(extend_loaded(~u64{0}, access(3, true, true)), ~u64{0});
}

TEST(Syndrome, DecodesASystemRegisterAccess) {
    // MSR ICC_SGI1R_EL1, X5: op0 3, op1 0, CRn 12, CRm 11, op2 5
    const SystemRegisterTrap trap{u64{3} << 20 | u64{5} << 17 | 0 << 14 | u64{12} << 10 | u64{5} << 5 | u64{11} << 1};
    EXPECT_FALSE(trap.read());
    EXPECT_EQ(trap.register_index(), 5U);
    EXPECT_EQ(trap.name(), system_register(3, 0, 12, 11, 5));
    EXPECT_TRUE(SystemRegisterTrap{1}.read());
    EXPECT_NE(system_register(3, 0, 12, 11, 5), system_register(3, 1, 12, 11, 5));
}

TEST(Syndrome, FindsTheFaultingAddress) {
    EXPECT_EQ(faulting_ipa(0x0009'0000, 0xffff'8000'1234'5018), Ipa(0x900'0018));
    EXPECT_EQ(faulting_ipa(0xff00'0000'0000'000f, 0), Ipa(0)) << "only the FIPA field counts";
}

TEST(Syndrome, HasWordsForEveryClassAndStatus) {
    for (u64 code = 0; code < 64; ++code) {
        EXPECT_FALSE(describe_exception_class(code << 26).empty());
        EXPECT_FALSE(describe_fault_status(code).empty());
    }
    EXPECT_EQ(describe_fault_status(0x06), "translation fault: address is not mapped");
    EXPECT_EQ(describe_fault_status(0x0f), "permission fault");
    EXPECT_EQ(describe_exception_class(u64{0x16} << 26), "HVC");
}

constexpr u64 serror_class = u64{0x2f} << 26 | bit(25);

TEST(SError, OnlyWhatRasCallsHarmlessIsHarmless) {
    constexpr u64 ras = serror_class | 0x11;
    EXPECT_EQ(effect_of_error(ras | 6 << 10), ErrorEffect::None) << "corrected";
    EXPECT_EQ(effect_of_error(ras | 2 << 10), ErrorEffect::None) << "restartable";
    EXPECT_EQ(effect_of_error(ras | 1 << 10), ErrorEffect::Fatal) << "unrecoverable";
    EXPECT_EQ(effect_of_error(ras | 3 << 10), ErrorEffect::Fatal)
        << "recoverable, by software that Trivisor does not have";
    EXPECT_EQ(effect_of_error(ras), ErrorEffect::Fatal) << "0xbe000011: a Cortex-A76 whose access the bus refused";
    EXPECT_EQ(effect_of_error(serror_class | 6 << 10), ErrorEffect::Fatal)
        << "the status code says that it is none of RAS";
    EXPECT_EQ(effect_of_error(serror_class | bit(24) | 6 << 10 | 0x11), ErrorEffect::Fatal) << "implementation defined";
    EXPECT_EQ(effect_of_error(0xbf00'0002), ErrorEffect::Fatal) << "a Cortex-A57 whose access the bus refused";
}

TEST(SError, TheGuestSeesTheSyndromeWithoutItsClass) {
    EXPECT_EQ(guest_error_syndrome(0xbf00'0002), 0x100'0002U);
    EXPECT_EQ(guest_error_syndrome(0xff'0000'be00'0011), 0x11U);
}

TEST(SkipInstruction, TheNextOneNeedNotBeABranchTarget) {
    GuestRegisters registers{};
    registers.pc = 0x1000;
    registers.pstate = spsr::El0t | spsr::NZCV | u64{2} << 10;
    skip_instruction(registers, 4);
    EXPECT_EQ(registers.pc, 0x1004U);
    EXPECT_EQ(registers.pstate, spsr::El0t | spsr::NZCV);
}

TEST(SkipInstruction, IsOneStep) {
    EXPECT_EQ(pstate_after(spsr::El0t | spsr::SS), spsr::El0t) << "the exception is due";
    EXPECT_EQ(pstate_after(spsr::AArch32 | spsr::SS), spsr::AArch32);
}

/// ITSTATE as the manual writes it: IT[7:2] in bits 15:10, IT[1:0] in bits 26:25.
constexpr u64 with_it(u64 it) {
    return spsr::AArch32 | bit(5) | field(it, 7, 2) << 10 | field(it, 1, 0) << 25;
}

TEST(SkipInstruction, AnItBlockGoesOn) {
    EXPECT_EQ(pstate_after(with_it(0b0001'1001)), with_it(0b0001'0010)) << "base condition, then three more of them";
    EXPECT_EQ(pstate_after(with_it(0b0001'0010)), with_it(0b0000'0100));
    EXPECT_EQ(pstate_after(with_it(0b1110'0100)), with_it(0b1110'1000));
    EXPECT_EQ(pstate_after(with_it(0b1110'1000)), with_it(0)) << "that was the last";
    EXPECT_EQ(pstate_after(with_it(0)), with_it(0)) << "no block";
}

} // namespace

} // namespace trv::arch
