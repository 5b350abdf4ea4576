// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/frame_table.hpp"
#include "memory/physical/pin.hpp"
#include "tests/unit/hypervisor/memory/memory_fixture.hpp"

#include <atomic>
#include <thread>

namespace trv::memory {
namespace {

const FrameOwner alpha = vm_owner(0);
const FrameOwner beta = vm_owner(1);

TEST(FrameWord, FieldsDoNotTouchEachOther) {
    FrameWord word = FrameWord(vm_owner(max_vms - 1)).as_head(18);
    for (u32 i = 0; i < FrameWord::max_pins; ++i) {
        word = word.with_pin();
    }
    EXPECT_EQ(word.pins(), FrameWord::max_pins);
    EXPECT_EQ(word.owner(), vm_owner(max_vms - 1));
    EXPECT_EQ(word.order(), 18U);
    EXPECT_TRUE(word.is_head());
    EXPECT_EQ(word.owned_by(FrameOwner::Leaving).pins(), FrameWord::max_pins);
    EXPECT_EQ(word.without_pin().pins(), FrameWord::max_pins - 1);
    EXPECT_EQ(FrameWord().owner(), FrameOwner::Free);
}

TEST(FrameTableStart, SparseBanksAndTakenRanges) {
    const test::SimulatedRam ram({Pa(0), 64 * MiB});
    const PaRange banks[] = {{Pa(0), MiB}, {Pa(16 * MiB + 100), 8 * MiB}, {Pa(40 * MiB), 4 * MiB}};
    const TakenRange taken[] = {{{Pa(16 * MiB + 64 * KiB + 1), 1}, FrameOwner::Modules},
                                {{Pa(16 * MiB + 64 * KiB), 8 * KiB}, FrameOwner::Reserved},
                                {{Pa(43 * MiB), 8 * MiB}, FrameOwner::Arena}};
    FrameTable table;
    ASSERT_TRUE(table.start({banks, taken}));
    EXPECT_EQ(table.frames(), 256U + 2047U + 1024U) << "partial pages at the ends do not count";
    EXPECT_EQ(table.owner_of(Pa(0)), FrameOwner::Reserved);
    EXPECT_EQ(table.owner_of(Pa(4 * KiB)),
              table.storage().base == Pa(4 * KiB) ? FrameOwner::Hypervisor : FrameOwner::Free);
    EXPECT_EQ(table.owner_of(Pa(16 * MiB + 64 * KiB)), FrameOwner::Modules) << "the first one listed counts";
    EXPECT_EQ(table.owner_of(Pa(16 * MiB + 68 * KiB)), FrameOwner::Reserved);
    EXPECT_EQ(table.owner_of(Pa(44 * MiB - 1)), FrameOwner::Arena);
    EXPECT_EQ(table.owner_of(Pa(44 * MiB)).error(), Error::OutOfRange);
    EXPECT_EQ(table.owner_of(Pa(2 * MiB)).error(), Error::OutOfRange);
    EXPECT_EQ(table.owner_of(Pa(~u64{0})).error(), Error::OutOfRange);
    EXPECT_EQ(table.frames_of(FrameOwner::Arena), 256U);
    EXPECT_EQ(table.frames_of(FrameOwner::Hypervisor), table.storage().size / page_size);
    u64 total = 0;
    for (const Usage::Share& share : usage_of(table).by_owner) {
        total += share.frames;
    }
    EXPECT_EQ(total, table.frames());
    EXPECT_FALSE(table.is_outside({Pa(MiB - 1), 2}));
    EXPECT_TRUE(table.is_outside({Pa(MiB), MiB}));
    EXPECT_TRUE(table.is_outside({Pa(16 * MiB), page_size})) << "a partial page is no RAM of ours";
}

TEST(FrameTableStart, StorageLiesInTheSmallestGapThatSuffices) {
    const test::SimulatedRam ram({Pa(0), 64 * MiB});
    const PaRange banks[] = {{Pa(MiB), 32 * MiB}};
    const TakenRange taken[] = {{{Pa(16 * MiB), MiB}, FrameOwner::Modules},
                                {{Pa(17 * MiB + 64 * KiB), MiB}, FrameOwner::Modules}};
    FrameTable table;
    ASSERT_TRUE(table.start({banks, taken}));
    EXPECT_EQ(table.storage(), (PaRange{Pa(17 * MiB), 32 * KiB})) << "4 bytes a frame";
}

TEST(FrameTableStart, BanksThatTouchAreOne) {
    const test::SimulatedRam ram({Pa(0), 64 * MiB});
    std::vector<PaRange> banks; // each second one first: those between them touch two each
    for (unsigned i = 0; i < FrameTable::max_banks; ++i) {
        banks.push_back({Pa(MiB + i * 2 * MiB), MiB});
    }
    for (unsigned i = 0; i < FrameTable::max_banks; ++i) {
        banks.push_back({Pa(2 * MiB + i * 2 * MiB), MiB});
    }
    FrameTable table;
    ASSERT_TRUE(table.start({banks, {}}));
    EXPECT_EQ(table.frames(), 2 * FrameTable::max_banks * (MiB / page_size));
    EXPECT_TRUE(table.check_owner({Pa(20 * MiB), 8 * MiB}, FrameOwner::Free)) << "over seven borders";
}

TEST(FrameTableStart, PinsOnBothSidesOfABanksBorderEndTogether) {
    const test::SimulatedRam ram({Pa(0), 64 * MiB});
    const PaRange banks[] = {{Pa(16 * MiB), MiB}, {Pa(MiB), 15 * MiB}, {Pa(32 * MiB), MiB}};
    const TakenRange taken[] = {{{Pa(16 * MiB) - page_size, 2 * page_size}, FrameOwner::Arena}};
    FrameTable table;
    ASSERT_TRUE(table.start({banks, taken}));
    const Pa first = Pa(16 * MiB) - page_size;
    ASSERT_TRUE(table.pin({first, 1}, FrameOwner::Arena));
    ASSERT_TRUE(table.pin({first + page_size, 1}, FrameOwner::Arena));
    table.unpin({first, 2}); // as code that keeps runs of frames does
    EXPECT_EQ(table.pins_of(FrameOwner::Arena), 0U);
}

TEST(FrameTableStart, RefusesMapsThatMakeNoSense) {
    const test::SimulatedRam ram({Pa(0), 64 * MiB});
    const PaRange overlapping[] = {{Pa(MiB), 2 * MiB}, {Pa(2 * MiB), 2 * MiB}};
    EXPECT_EQ(FrameTable().start({overlapping, {}}).error(), Error::Invalid);
    EXPECT_EQ(FrameTable().start({{}, {}}).error(), Error::Invalid);
    const PaRange beyond[] = {{Pa(u64{1} << 48), MiB}};
    EXPECT_EQ(FrameTable().start({beyond, {}}).error(), Error::Invalid);
    const PaRange full[] = {{Pa(MiB), MiB}};
    const TakenRange all[] = {{{Pa(MiB), MiB}, FrameOwner::Reserved}};
    EXPECT_EQ(FrameTable().start({full, all}).error(), Error::NoMemory);
    std::vector<PaRange> many;
    for (unsigned i = 0; i <= FrameTable::max_banks; ++i) {
        many.push_back({Pa(MiB + i * 2 * MiB), MiB});
    }
    EXPECT_EQ(FrameTable().start({many, {}}).error(), Error::TooMany);
}

class FrameTableTest : public MemoryTest {};

TEST_F(FrameTableTest, CheckOwnerLooksAtEveryFrame) {
    const Frames a = block(1, alpha);
    EXPECT_TRUE(table.check_owner(a.range(), alpha));
    EXPECT_TRUE(table.check_owner({a.base() + page_size - 1, 2}, alpha));
    EXPECT_EQ(table.check_owner(a.range(), beta).error(), Error::NotOwned);
    EXPECT_EQ(table.check_owner({a.base(), 3 * page_size}, alpha).error(), Error::NotOwned);
    EXPECT_EQ(table.check_owner({a.base(), 0}, alpha).error(), Error::Invalid);
    EXPECT_EQ(table.check_owner({ram_range.end() - page_size, 2 * page_size}, alpha).error(), Error::OutOfRange);
    EXPECT_EQ(table.check_owner({a.base(), ~u64{0}}, alpha).error(), Error::OutOfRange);
}

TEST_F(FrameTableTest, PinsKeepFramesAndBalance) {
    Frames frames = block(2, alpha);
    const FrameRun run{frames.base() + page_size, 2};
    ASSERT_TRUE(table.pin(run, alpha));
    ASSERT_TRUE(table.pin({run.first, 1}, alpha));
    EXPECT_EQ(table.pins_of(alpha), 3U);
    EXPECT_EQ(table.pins_on(run.first), 2U);
    EXPECT_EQ(table.pins_on(frames.base()), 0U);
    EXPECT_EQ(pool.give_back(frames.range(), alpha).error(), Error::Busy);
    EXPECT_EQ(table.frames_of(alpha), 4U) << "a give-back that fails changes nothing";
    EXPECT_TRUE(table.check_owner(frames.range(), alpha));
    table.unpin(run);
    EXPECT_EQ(frames.give_back(frames.range().size).error(), Error::Busy);
    table.unpin({run.first, 1});
    EXPECT_EQ(table.pins_of(alpha), 0U);
    EXPECT_EQ(frames.give_back(frames.range().size), true);
    EXPECT_EQ(table.frames_of(alpha), 0U);
}

TEST_F(FrameTableTest, PinRefusesWhatIsNotTheOwners) {
    const Frames a = block(0, alpha);
    const Frames b = block(0, beta);
    const Usage before = usage_of(table);
    EXPECT_EQ(table.pin({b.base(), 1}, alpha).error(), Error::NotOwned);
    EXPECT_EQ(table.pin({a.base(), 4}, alpha).error(), Error::NotOwned) << "all or none";
    EXPECT_EQ(table.pins_on(a.base()), 0U);
    const FrameRun runs[] = {{a.base(), 1}, {a.base() + page_size, 1}, {b.base(), 1}};
    EXPECT_EQ(table.pin(runs, alpha).error(), Error::NotOwned) << "nor of several runs";
    EXPECT_EQ(table.pins_on(a.base()) + table.pins_on(a.base() + page_size), 0U);
    EXPECT_EQ(table.pins_of(alpha), 0U);
    EXPECT_EQ(table.pin({a.base() + 1, 1}, alpha).error(), Error::Misaligned);
    EXPECT_EQ(table.pin({a.base(), 0}, alpha).error(), Error::Invalid);
    EXPECT_EQ(table.pin({Pa(0), 1}, alpha).error(), Error::OutOfRange);
    EXPECT_EQ(table.pin({ram_range.end() - page_size, 0xffff'ffff}, alpha).error(), Error::OutOfRange);
    EXPECT_EQ(table.pin({ram_base + 32 * MiB, 1}, FrameOwner::Free).error(), Error::NotOwned);
    EXPECT_EQ(usage_of(table), before);
}

TEST_F(FrameTableTest, PinsSaturateWithAnError) {
    const Frames a = block(1, alpha);
    const FrameRun second{a.base() + page_size, 1};
    for (u32 i = 0; i < FrameWord::max_pins; ++i) {
        ASSERT_TRUE(table.pin(second, alpha));
    }
    EXPECT_EQ(table.pin({a.base(), 2}, alpha).error(), Error::TooMany);
    EXPECT_EQ(table.pins_on(a.base()), 0U);
    EXPECT_EQ(table.owner_of(second.first), alpha);
    for (u32 i = 0; i < FrameWord::max_pins; ++i) {
        table.unpin(second);
    }
    EXPECT_EQ(table.pins_of(alpha), 0U);
}

TEST_F(FrameTableTest, PinAndGiveBackRace) {
    // The first one wins, and the loser gets an error; no pin remains on a frame that has left. Each thread tries
    // every block once, so that the give-back comes through in the end.
    std::atomic<u64> target = 0; // the block's address, and in the page's offset the number of the round
    std::atomic<bool> stop = false;
    std::atomic<unsigned> wrong = 0;
    std::atomic<unsigned> pinned = 0;
    std::atomic<u64> begun = 0;
    std::atomic<u64> tried = 0;
    const auto pin_each_block = [&] {
        for (u64 last = 0; !stop;) {
            const u64 current = target;
            if (current == last) {
                std::this_thread::yield();
                continue;
            }
            last = current;
            const FrameRun run{Pa(current).align_down(page_size), 4};
            ++begun;
            const bool has_pin = table.pin(run, alpha).has_value();
            ++tried;
            if (!has_pin) {
                continue;
            }
            ++pinned;
            for (int look = 0; look < 20; ++look) {
                wrong += table.owner_of(run.first + 3 * page_size) != alpha;
            }
            table.unpin(run);
        }
    };
    std::thread pinners[] = {std::thread(pin_each_block), std::thread(pin_each_block)};
    for (u64 round = 1; round <= 500; ++round) {
        Frames frames = block(2, alpha);
        // In odd rounds the give-back starts when a pin does; in even ones it comes later, so that some pins succeed.
        std::atomic<u64>& progress = round % 2 == 0 ? tried : begun;
        const u64 before = progress;
        target = frames.base().value + round;
        while (progress == before) {
            std::this_thread::yield();
        }
        Result<bool> back = false;
        while (!(back = frames.give_back(frames.range().size))) {
            ASSERT_EQ(back.error(), Error::Busy);
            std::this_thread::yield();
        }
    }
    stop = true;
    for (std::thread& pinner : pinners) {
        pinner.join();
    }
    EXPECT_EQ(wrong, 0U);
    EXPECT_GT(pinned, 0U);
    EXPECT_EQ(table.pins_of(alpha), 0U);
    EXPECT_EQ(table.frames_of(alpha), 0U);
    EXPECT_EQ(table.frames_of(FrameOwner::Leaving), 0U);
}

class PinTest : public MemoryTest {};

TEST_F(PinTest, EndsWithTheObject) {
    const Frames frames = block(2, alpha);
    {
        const Result<Pin> pin = Pin::take(table, FrameRun{frames.base(), 4}, alpha);
        ASSERT_TRUE(pin);
        EXPECT_EQ(pin->run().count, 4U);
        EXPECT_EQ(table.pins_of(alpha), 4U);
    }
    EXPECT_EQ(table.pins_of(alpha), 0U);
    EXPECT_EQ(Pin::take(table, frames.base(), vm_owner(1)).error(), Error::NotOwned);
}

TEST_F(PinTest, MovesWithoutCountingTwice) {
    const Frames frames = block(1, alpha);
    Pin first = *Pin::take(table, frames.base(), alpha);
    Pin second = *Pin::take(table, frames.base() + page_size, alpha);
    EXPECT_EQ(table.pins_of(alpha), 2U);
    Pin moved(std::move(first));
    EXPECT_FALSE(first); // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_TRUE(moved);
    EXPECT_EQ(table.pins_of(alpha), 2U);
    moved = std::move(second);
    EXPECT_EQ(table.pins_on(frames.base()), 0U) << "what stood there before is unpinned";
    EXPECT_EQ(table.pins_of(alpha), 1U);
    const FrameRun run = moved.release();
    EXPECT_FALSE(moved);
    EXPECT_EQ(table.pins_of(alpha), 1U);
    table.unpin(run);
    EXPECT_EQ(table.pins_of(alpha), 0U);
}

} // namespace

} // namespace trv::memory
