// SPDX-License-Identifier: Apache-2.0
#include "arch/aarch32/condition.hpp"
#include "arch/aarch32/exception.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::arch::aarch32 {
namespace {

constexpr u64 n = bit(31), z = bit(30), c = bit(29), v = bit(28);

TEST(Condition, EachIsTheManuals) {
    struct {
        u64 condition;
        std::vector<u64> holds;
        std::vector<u64> fails;
    } const cases[] = {
        {0x0, {z}, {0, n | c | v}},
        {0x1, {0}, {z}},
        {0x2, {c}, {0}},
        {0x3, {0}, {c}},
        {0x4, {n}, {0}},
        {0x5, {0}, {n}},
        {0x6, {v}, {0}},
        {0x7, {0}, {v}},
        {0x8, {c}, {0, z, c | z}},
        {0x9, {0, c | z}, {c}},
        {0xa, {0, n | v}, {n, v}},
        {0xb, {n, v}, {0, n | v}},
        {0xc, {0, n | v}, {z, n, v}},
        {0xd, {z, n, v}, {0, n | v}},
        {0xe, {0, n | z | c | v}, {}},
        {0xf, {0}, {}},
    };
    for (const auto& each : cases) {
        for (const u64 flags : each.holds) {
            EXPECT_TRUE(condition_holds(each.condition, flags)) << each.condition << " " << flags;
        }
        for (const u64 flags : each.fails) {
            EXPECT_FALSE(condition_holds(each.condition, flags)) << each.condition << " " << flags;
        }
    }
}

TEST(Condition, IsTheSyndromesOrThatOfTheItBlock) {
    constexpr u64 valid = bit(24), eq = 0, ne = u64{1} << 20, always = u64{0xe} << 20;
    EXPECT_TRUE(is_executed(valid | eq, z));
    EXPECT_FALSE(is_executed(valid | ne, z));
    EXPECT_TRUE(is_executed(valid | always, 0));
    EXPECT_TRUE(is_executed(ne, z)) << "no condition, no IT block";
    constexpr u64 it_eq = u64{0b10} << 10;      // IT[7:2] = 000010: EQ, and one more
    constexpr u64 it_ne = u64{0b0001'10} << 10; // IT[7:4] = 0001
    EXPECT_TRUE(is_executed(0, z | it_eq));
    EXPECT_FALSE(is_executed(0, it_eq));
    EXPECT_TRUE(is_executed(0, it_ne));
    EXPECT_FALSE(is_executed(0, z | it_ne));
}

TEST(BankedRegisters, AreTheManuals) {
    for (unsigned i = 0; i < 8; ++i) {
        EXPECT_EQ(view_of(i, mode::Fiq), i);
    }
    EXPECT_EQ(view_of(12, mode::Supervisor), 12U);
    EXPECT_EQ(view_of(8, mode::Fiq), 24U);
    EXPECT_EQ(view_of(12, mode::Fiq), 28U);
    struct {
        u64 mode;
        unsigned stack, link;
    } constexpr banks[] = {{mode::User, 13, 14},       {mode::System, 13, 14}, {mode::Irq, 17, 16},
                           {mode::Supervisor, 19, 18}, {mode::Abort, 21, 20},  {mode::Undefined, 23, 22},
                           {mode::Fiq, 29, 30}};
    for (const auto& bank : banks) {
        EXPECT_EQ(view_of(13, bank.mode), bank.stack);
        EXPECT_EQ(view_of(14, bank.mode), bank.link);
    }
}

TEST(BankedRegisters, ASyndromeMayNameEitherView) {
    for (const u64 mode :
         {mode::User, mode::Fiq, mode::Irq, mode::Supervisor, mode::Abort, mode::Undefined, mode::System}) {
        for (unsigned i = 0; i < 15; ++i) {
            const unsigned view = view_of(i, mode);
            EXPECT_EQ(named_register(i, mode), view) << mode;
            EXPECT_EQ(named_register(view, mode), view) << mode;
        }
        EXPECT_EQ(named_register(31, mode), 31U);
    }
    EXPECT_EQ(named_register(14, spsr::El1h), 14U) << "AArch64 has no banks";
}

constexpr Control plain{.sctlr = sctlr::reset, .vbar = 0xc000'0000};
constexpr u64 masked = pstate::A | pstate::I;

TEST(ExceptionEntry, EachHasItsVectorModeAndLink) {
    constexpr u64 a32 = mode::User;
    constexpr u64 t32 = mode::User | pstate::T;
    const Entry undefined = enter(Exception::Undefined, plain, 0x1000, a32);
    EXPECT_EQ(undefined.pc, 0xc000'0004U);
    EXPECT_EQ(undefined.pstate, mode::Undefined | pstate::I);
    EXPECT_EQ(undefined.link_register, 22U);
    EXPECT_EQ(undefined.link, 0x1004U);
    EXPECT_EQ(undefined.saved, a32);
    EXPECT_EQ(enter(Exception::Undefined, plain, 0x1000, t32).link, 0x1002U);

    const Entry prefetch = enter(Exception::PrefetchAbort, plain, 0x1000, t32);
    EXPECT_EQ(prefetch.pc, 0xc000'000cU);
    EXPECT_EQ(prefetch.pstate, mode::Abort | masked);
    EXPECT_EQ(prefetch.link_register, 20U);
    EXPECT_EQ(prefetch.link, 0x1004U);

    const Entry data = enter(Exception::DataAbort, plain, 0xffff'fffc, a32);
    EXPECT_EQ(data.pc, 0xc000'0010U);
    EXPECT_EQ(data.link, 4U) << "addresses have 32 bits";
}

TEST(ExceptionEntry, FollowsTheKernelsControl) {
    EXPECT_EQ(vector_of(Exception::Undefined, {.sctlr = sctlr::V, .vbar = 0x8000}), 0xffff'0004U);
    const auto pstate_with = [](u64 control) {
        return handler_pstate(Exception::DataAbort, {.sctlr = control, .vbar = 0}, mode::User);
    };
    EXPECT_EQ(pstate_with(sctlr::SPAN | sctlr::TE), mode::Abort | masked | pstate::T);
    EXPECT_EQ(pstate_with(sctlr::SPAN | sctlr::EE), mode::Abort | masked | pstate::E);
    EXPECT_EQ(pstate_with(sctlr::SPAN | sctlr::DSSBS), mode::Abort | masked | pstate::SSBS);
    EXPECT_EQ(pstate_with(0), mode::Abort | masked | spsr::PAN);
}

TEST(ExceptionEntry, KeepsFlagsAndLeavesTheItBlock) {
    constexpr u64 before =
        spsr::NZCV | pstate::Q | spsr::IT | pstate::GE | pstate::E | pstate::F | pstate::T | mode::User;
    EXPECT_EQ(handler_pstate(Exception::Undefined, plain, before),
              spsr::NZCV | pstate::Q | pstate::GE | pstate::F | pstate::I | mode::Undefined);
    EXPECT_EQ(handler_pstate(Exception::Undefined, plain, pstate::A | mode::User),
              pstate::A | pstate::I | mode::Undefined);
}

TEST(ExceptionEntry, SavesPstateInAArch32sForm) {
    EXPECT_EQ(saved_pstate(pstate::DIT | spsr::SS | mode::User), bit(21) | mode::User);
    EXPECT_EQ(saved_pstate(spsr::SS | mode::User), mode::User);
}

TEST(ExceptionEntry, StatusHasTheTablesFormat) {
    EXPECT_EQ(external_abort_status(0, 0), 0x08U);
    EXPECT_EQ(external_abort_status(ttbcr_eae, 0), 0x210U);
    EXPECT_EQ(external_abort_status(0, bit(6)), 0x808U) << "a write";
    EXPECT_EQ(external_abort_status(ttbcr_eae, bit(8)), 0x2210U) << "cache maintenance";
}

} // namespace
} // namespace trv::arch::aarch32
