// SPDX-License-Identifier: Apache-2.0
#include "memory/loan.hpp"
#include "memory/physical/pin.hpp"
#include "memory_fixture.hpp"

#include <thread>

namespace trv::memory {
namespace {

constexpr FrameOwner lender = vm_owner(0);
constexpr FrameOwner borrower = vm_owner(1);
constexpr Ipa base{0x3f00'0000};

class LoanTest : public MemoryTest {
  public:
    LoanTest() {
        for (unsigned i = 0; i < 4; ++i) {
            frames.push_back(block(2, lender));
            pins.push_back(std::move(*Pin::take(table, {frames[i].base(), 4}, lender)));
        }
        vmids.start(16);
        space.emplace(*Stage2::create(pool, std::move(*vmids.lease()), borrower, 32, {40, 16}));
    }
    Loan lend() {
        Loan loan = *Loan::create(table, lender, 4);
        for (const Pin& pin : pins) {
            EXPECT_TRUE(loan.add(pin.run()));
        }
        return loan;
    }

    std::vector<Frames> frames;
    std::vector<Pin> pins;
    VmidPool vmids;
    std::optional<Stage2> space;
};

TEST_F(LoanTest, TheBorrowerHasTheFramesInTheirOrder) {
    const Loan loan = lend();
    EXPECT_EQ(loan.bytes(), 16 * page_size);
    ASSERT_TRUE(loan.map(*space, base));
    for (u64 page = 0; page < 16; ++page) {
        EXPECT_EQ(space->lookup(base + page * page_size)->pa, frames[page / 4].base() + page % 4 * page_size);
    }
    EXPECT_EQ(space->lookup(base + 16 * page_size).error(), Error::NotMapped);
    loan.unmap(*space, base);
    EXPECT_EQ(space->lookup(base).error(), Error::NotMapped);
}

TEST_F(LoanTest, AFrameIsInOneLoan) {
    std::optional<Loan> first(lend());
    Loan second = *Loan::create(table, lender, 4);
    EXPECT_EQ(second.add(pins[2].run()).error(), Error::Busy);
    EXPECT_EQ(second.bytes(), 0U);
    first.reset();
    EXPECT_TRUE(second.add(pins[2].run()));
}

TEST_F(LoanTest, ALoanThatFailsInTheMiddleLendsNothing) {
    Loan one = *Loan::create(table, lender, 1);
    EXPECT_TRUE(one.add({frames[0].base() + 2 * page_size, 1}));
    Loan other = *Loan::create(table, lender, 1);
    EXPECT_EQ(other.add(pins[0].run()).error(), Error::Busy);
    EXPECT_FALSE(table.is_lent({frames[0].base(), page_size}));
    EXPECT_TRUE(table.is_lent({frames[0].base() + 2 * page_size, page_size}));
    EXPECT_EQ(one.add(pins[1].run()).error(), Error::TooMany);
}

TEST_F(LoanTest, OnlyPinnedFramesOfTheLenderAreLent) {
    Loan loan = *Loan::create(table, lender, 8);
    const Frames foreign = block(0, borrower);
    EXPECT_EQ(loan.add({foreign.base(), 1}).error(), Error::NotOwned);
    const Frames loose = block(0, lender);
    EXPECT_EQ(loan.add({loose.base(), 1}).error(), Error::Invalid);
    EXPECT_EQ(loan.add({loose.base() + 1, 1}).error(), Error::Misaligned);
    EXPECT_EQ(loan.add({loose.base(), 0}).error(), Error::Invalid);
    EXPECT_EQ(loan.add({ram_range.end(), 1}).error(), Error::OutOfRange);
    const Frames table_frame = block(0, FrameOwner::Hypervisor);
    Loan own = *Loan::create(table, FrameOwner::Hypervisor, 1);
    EXPECT_EQ(own.add({table_frame.base(), 1}).error(), Error::NotOwned) << "only a VM lends";
}

TEST_F(LoanTest, WhatIsNotLentIsNotMapped) {
    EXPECT_EQ(space->map_lent(base, pins[0].run()).error(), Error::NotOwned);
    const Frames own = block(0, borrower);
    EXPECT_EQ(space->map_lent(base, {own.base(), 1}).error(), Error::NotOwned);
    EXPECT_EQ(space->map_lent(base, {own.base(), 0}).error(), Error::Invalid);
}

TEST_F(LoanTest, AMappingThatFailsInTheMiddleMapsNothing) {
    const Frames own = block(0, borrower);
    ASSERT_TRUE(space->map({base + 9 * page_size, page_size}, own.base(), Access::ReadWrite));
    const Loan loan = lend();
    EXPECT_EQ(loan.map(*space, base).error(), Error::AlreadyMapped);
    EXPECT_EQ(space->lookup(base).error(), Error::NotMapped);
    EXPECT_TRUE(space->lookup(base + 9 * page_size));
}

TEST_F(LoanTest, LentFramesStayTheLenders) {
    const Loan loan = lend();
    EXPECT_EQ(pool.give_back(frames[0].range(), lender).error(), Error::Busy) << "they are pinned";
    EXPECT_EQ(table.pin(pins[0].run(), borrower).error(), Error::NotOwned) << "no OP-TEE gets them from the borrower";
    EXPECT_TRUE(table.pin(pins[0].run(), lender));
    table.unpin(pins[0].run());
    EXPECT_TRUE(table.is_lent(frames[0].range()));
    EXPECT_EQ(table.owner_of(frames[0].base()), lender);
}

TEST_F(LoanTest, TwoCpusDoNotLendAFrameTwice) {
    for (unsigned round = 0; round < 200; ++round) {
        std::array<bool, 2> lent{};
        std::array<std::optional<Loan>, 2> loans;
        for (std::optional<Loan>& loan : loans) {
            loan = std::move(*Loan::create(table, lender, 4));
        }
        std::vector<std::thread> cpus;
        for (unsigned cpu = 0; cpu < 2; ++cpu) {
            cpus.emplace_back([&, cpu] { lent[cpu] = loans[cpu]->add(pins[0].run()).has_value(); });
        }
        for (std::thread& cpu : cpus) {
            cpu.join();
        }
        EXPECT_FALSE(lent[0] && lent[1]);
        EXPECT_EQ(table.is_lent({frames[0].base(), page_size}), lent[0] || lent[1]);
    }
    EXPECT_FALSE(table.is_lent({frames[0].base(), page_size}));
}

} // namespace
} // namespace trv::memory
