// SPDX-License-Identifier: Apache-2.0
#include "../memory/memory_fixture.hpp"
#include "arch/memory/cache.hpp"
#include "guest/ram.hpp"

#include <array>
#include <atomic>
#include <set>
#include <thread>

namespace trv::guest {
namespace {

using memory::FrameOwner;
using memory::Frames;

const FrameOwner alpha = memory::vm_owner(0);

class GuestRamTest : public memory::MemoryTest {
  public:
    static constexpr u64 granule = Ram::granule;

    static Ipa at(u64 offset) { return ram_base + offset; }
    std::byte* memory_at(u64 offset) { return memory::direct_map(stage2.lookup(at(offset))->pa); }
    void populate_all(u64 size) {
        for (u64 offset = 0; offset < size; offset += granule) {
            ASSERT_TRUE(guest.populate(stage2, at(offset)));
        }
    }
    /// Only every second block of 2 MiB is free afterwards.
    std::vector<Frames> fragment() {
        std::vector<Frames> kept;
        std::vector<Frames> released;
        for (bool keep = true;; keep = !keep) {
            Result<Frames> block = pool.allocate(memory::order_for(granule), FrameOwner::Hypervisor);
            if (!block) {
                return kept;
            }
            (keep ? kept : released).push_back(std::move(*block));
        }
    }

    memory::VmidPool vmids;
    memory::Stage2 stage2 = *memory::Stage2::create(pool, *vmids.lease(), alpha, 36, {40, 8});
    Ram guest;
};

TEST_F(GuestRamTest, SizesAreWholeGranules) {
    EXPECT_EQ(guest.allocate(pool, 0, alpha).error(), Error::Invalid);
    EXPECT_EQ(guest.allocate(pool, granule + page_size, alpha).error(), Error::Invalid);
    EXPECT_TRUE(guest.allocate(pool, 3 * granule, alpha));
    EXPECT_EQ(guest.first_bank(), (IpaRange{ram_base, 3 * granule}));
    EXPECT_EQ(table.frames_of(alpha), 3 * granule / page_size);
}

TEST_F(GuestRamTest, IsOneRangeForTheGuestHoweverFragmentedTheMachine) {
    const std::vector<Frames> kept = fragment();
    const u64 size = 8 * granule;
    ASSERT_TRUE(guest.allocate(pool, size, alpha));
    populate_all(size);
    std::set<u64> used;
    for (u64 offset = 0; offset < size; offset += granule) {
        EXPECT_TRUE(used.insert(stage2.lookup(at(offset))->pa.value).second) << "twice the same frame";
    }
    EXPECT_EQ(used.size(), 8U);
}

TEST_F(GuestRamTest, GivesUpWhenMemoryIsTooFragmentedAndReturnsWhatItTook) {
    const u64 before = pool.free_frames();
    {
        Ram other;
        EXPECT_EQ(other.allocate(pool, 2 * ram_range.size, alpha).error(), Error::NoMemory);
        EXPECT_NE(pool.free_frames(), before);
    }
    EXPECT_EQ(pool.free_frames(), before);
}

TEST_F(GuestRamTest, UntouchedMemoryIsNotScrubbedWhenItIsNeverUsed) {
    std::byte* const mark = memory::direct_map(ram_range.base + ram_range.size / 2 + 100);
    {
        Ram other;
        ASSERT_FALSE(other.allocate(pool, 2 * ram_range.size, alpha));
        *mark = std::byte{0x42};
    }
    EXPECT_EQ(*mark, std::byte{0x42});
}

TEST_F(GuestRamTest, PopulatesWithZeros) {
    Frames dirty = block(memory::order_for(16 * granule), FrameOwner::Hypervisor);
    std::memset(memory::direct_map(dirty.base()), 0x5a, 16 * granule);
    ASSERT_TRUE(*dirty.give_back(16 * granule, memory::Contents::Untouched)); // as boot firmware leaves RAM
    ASSERT_TRUE(guest.allocate(pool, 16 * granule, alpha));
    populate_all(16 * granule);
    for (u64 offset = 0; offset < 16 * granule; offset += page_size) {
        ASSERT_EQ(*memory_at(offset + 7), std::byte{0});
    }
}

TEST_F(GuestRamTest, PopulatesJustTheGranule) {
    ASSERT_TRUE(guest.allocate(pool, 4 * granule, alpha));
    ASSERT_TRUE(guest.populate(stage2, at(granule + 12345)));
    EXPECT_FALSE(stage2.lookup(at(0)));
    EXPECT_TRUE(stage2.lookup(at(granule)));
    EXPECT_TRUE(stage2.lookup(at(2 * granule - 1)));
    EXPECT_FALSE(stage2.lookup(at(2 * granule)));
}

TEST_F(GuestRamTest, PopulatingTwiceKeepsWhatIsThere) {
    ASSERT_TRUE(guest.allocate(pool, granule, alpha));
    populate_all(granule);
    *memory_at(100) = std::byte{7};
    ASSERT_TRUE(guest.populate(stage2, at(200)));
    EXPECT_EQ(*memory_at(100), std::byte{7});
}

TEST_F(GuestRamTest, HasNothingOutside) {
    ASSERT_TRUE(guest.allocate(pool, granule, alpha));
    for (const Ipa ipa : {Ipa(0), ram_base - 1, at(granule), Ipa(~u64{0})}) {
        EXPECT_EQ(guest.populate(stage2, ipa).error(), Error::OutOfRange) << ipa.value;
    }
}

TEST_F(GuestRamTest, TwoCpusMayTouchTheSameGranuleAtOnce) {
    ASSERT_TRUE(guest.allocate(pool, 16 * granule, alpha));
    const auto touch = [this] {
        for (u64 offset = 0; offset < 16 * granule; offset += granule) {
            Result<void> populated = guest.populate(stage2, at(offset));
            while (!populated && populated.error() == Error::Busy) { // a guest makes its access again
                std::this_thread::yield();
                populated = guest.populate(stage2, at(offset));
            }
            EXPECT_TRUE(populated);
            std::atomic_ref(*reinterpret_cast<u32*>(memory_at(offset))).fetch_add(1);
        }
    };
    std::thread other(touch);
    touch();
    other.join();
    for (u64 offset = 0; offset < 16 * granule; offset += granule) {
        EXPECT_EQ(*reinterpret_cast<u32*>(memory_at(offset)), 2U) << "the second one must not zero it again";
    }
}

// To zero 2 MiB takes long: the VM's other vCPUs must not wait for it on CPUs that neighbours want, too.
TEST_F(GuestRamTest, NoCpuWaitsWhileAnotherOneZeroes) {
    ASSERT_TRUE(guest.allocate(pool, 4 * granule, alpha));
    unsigned zeroed = 0;
    arch::fake_on_zeroing = [&] {
        if (++zeroed == 1) {
            EXPECT_EQ(guest.populate(stage2, at(granule + page_size)).error(), Error::Busy) << "the same granule";
            EXPECT_FALSE(stage2.lookup(at(granule)));
            EXPECT_TRUE(guest.populate(stage2, at(0))) << "another one";
        }
    };
    EXPECT_TRUE(guest.populate(stage2, at(granule)));
    EXPECT_TRUE(guest.populate(stage2, at(granule))) << "it is there now";
    arch::fake_on_zeroing = nullptr;
    EXPECT_TRUE(stage2.lookup(at(granule)));
}

TEST_F(GuestRamTest, GivesBackInBoundedSteps) {
    ASSERT_TRUE(guest.allocate(pool, 20 * granule, alpha));
    ASSERT_TRUE(guest.populate(stage2, at(0)));
    ASSERT_TRUE(guest.populate(stage2, at(granule)));
    ASSERT_TRUE(guest.populate(stage2, at(19 * granule)));
    const u64 before = pool.free_frames();
    unsigned zeroed = 0;
    arch::fake_on_zeroing = [&] { ++zeroed; };
    for (bool done = false; !done;) {
        const u64 free = pool.free_frames();
        zeroed = 0;
        const Result<bool> result = guest.give_back_step(stage2);
        ASSERT_TRUE(result);
        done = *result;
        EXPECT_LE(zeroed, 1U) << "some hundred microseconds for each";
        EXPECT_LE(pool.free_frames() - free, 16 * MiB / page_size);
        EXPECT_GT(pool.free_frames(), free);
    }
    arch::fake_on_zeroing = nullptr;
    EXPECT_EQ(pool.free_frames(), before + 20 * granule / page_size);
    EXPECT_TRUE(*guest.give_back_step(stage2)) << "nothing is left";
}

TEST_F(GuestRamTest, ScrubsWhatWasTouchedAndOnlyThat) {
    ASSERT_TRUE(guest.allocate(pool, 4 * granule, alpha));
    populate_all(4 * granule);
    std::array<Pa, 4> frames{};
    for (u64 i = 0; i < 4; ++i) {
        frames[i] = stage2.lookup(at(i * granule))->pa;
    }
    // As if the two in the middle had never been populated.
    ASSERT_TRUE(stage2.unmap({at(granule), 2 * granule}));
    for (const Pa frame : frames) {
        memory::direct_map(frame)[granule / 2] = std::byte{9};
    }
    while (!*guest.give_back_step(stage2)) {
    }
    EXPECT_EQ(memory::direct_map(frames[0])[granule / 2], std::byte{0});
    EXPECT_EQ(memory::direct_map(frames[1])[granule / 2], std::byte{9});
    EXPECT_EQ(memory::direct_map(frames[2])[granule / 2], std::byte{9});
    EXPECT_EQ(memory::direct_map(frames[3])[granule / 2], std::byte{0});
}

TEST_F(GuestRamTest, WaitsForPinnedFrames) {
    ASSERT_TRUE(guest.allocate(pool, 2 * granule, alpha));
    populate_all(2 * granule);
    const memory::FrameRun pinned{stage2.lookup(at(granule))->pa, 1};
    ASSERT_TRUE(table.pin(pinned, alpha));
    EXPECT_FALSE(*guest.give_back_step(stage2)) << "the first granule";
    EXPECT_EQ(guest.give_back_step(stage2).error(), Error::Busy);
    EXPECT_EQ(guest.give_back_step(stage2).error(), Error::Busy);
    table.unpin(pinned);
    EXPECT_TRUE(*guest.give_back_step(stage2));
}

/// Memory that is where the machine has it.
class HostRamTest : public GuestRamTest {
  public:
    const PaRange first{ram_range.base + 8 * granule, 4 * granule};
    const PaRange second{ram_range.base + 16 * granule, granule + page_size};

    HostRamTest() {
        for (const PaRange bank : {first, second}) { // as the RAM map says at boot
            for (Pa pa = bank.base; pa < bank.end(); pa += page_size) {
                EXPECT_TRUE(frames_at(pa));
            }
        }
    }
    /// Takes frames out of the pool until this one is among them.
    bool frames_at(Pa pa) {
        while (table.owner_of(pa) == FrameOwner::Free) {
            Result<Frames> frame = pool.allocate(0, alpha);
            if (!frame) {
                return false;
            }
            (void)frame->release();
        }
        return true;
    }
    std::byte* byte_at(Pa pa) { return memory::direct_map(pa); }
};

TEST_F(HostRamTest, IsMappedAtItsOwnAddressesAtOnce) {
    const PaRange banks[] = {first, second};
    ASSERT_TRUE(guest.adopt(pool, stage2, banks, alpha));
    for (const PaRange bank : banks) {
        EXPECT_EQ(stage2.lookup(Ipa(bank.base.value))->pa, bank.base);
        EXPECT_EQ(stage2.lookup(Ipa(bank.end().value - 1))->pa, bank.end() - 1);
        EXPECT_TRUE(guest.contains(Ipa(bank.end().value - 1)));
        EXPECT_FALSE(guest.contains(Ipa(bank.end().value)));
    }
    EXPECT_EQ(stage2.lookup(Ipa(first.base.value))->size, granule);
    EXPECT_EQ(guest.banks().size(), 2U);
    EXPECT_EQ(guest.first_bank().base.value, first.base.value);
}

TEST_F(HostRamTest, IsRefusedWhereItIsNotTheVms) {
    const PaRange foreign[] = {{ram_range.base + 30 * granule, granule}};
    ASSERT_EQ(table.owner_of(foreign[0].base), FrameOwner::Free);
    EXPECT_EQ(guest.adopt(pool, stage2, foreign, alpha).error(), Error::NotOwned);
}

TEST_F(HostRamTest, IsScrubbedAtTheEndAndStaysTheVms) {
    const PaRange banks[] = {first, second};
    ASSERT_TRUE(guest.adopt(pool, stage2, banks, alpha));
    for (const Pa pa : {first.base, first.end() - 1, second.base, second.end() - 1}) {
        *byte_at(pa) = std::byte{0x5a};
    }
    const u64 free = pool.free_frames();
    unsigned steps = 1;
    while (!*guest.give_back_step(stage2)) {
        ++steps;
    }
    EXPECT_EQ(steps, 6U);
    for (const Pa pa : {first.base, first.end() - 1, second.base, second.end() - 1}) {
        EXPECT_EQ(*byte_at(pa), std::byte{0});
        EXPECT_EQ(table.owner_of(pa), alpha);
    }
    EXPECT_EQ(pool.free_frames(), free) << "a device may still write to it";
    Ram next;
    memory::Stage2 anew = *memory::Stage2::create(pool, *vmids.lease(), alpha, 36, {40, 8});
    EXPECT_TRUE(next.adopt(pool, anew, banks, alpha));
}

TEST_F(HostRamTest, WaitsWhileAnyOfItIsPinned) {
    const PaRange banks[] = {first};
    ASSERT_TRUE(guest.adopt(pool, stage2, banks, alpha));
    ASSERT_TRUE(table.pin({first.base, 1}, alpha));
    EXPECT_EQ(guest.give_back_step(stage2).error(), Error::Busy);
    table.unpin({first.base, 1});
    EXPECT_TRUE(guest.give_back_step(stage2));
}

TEST_F(HostRamTest, IsCleanedBeforeEachKernelButTheFirst) {
    const PaRange banks[] = {first, second};
    ASSERT_TRUE(guest.adopt(pool, stage2, banks, alpha));
    u64 done = 0;
    EXPECT_FALSE(guest.clean_step(stage2, done));
    EXPECT_EQ(done, 0U);
    unsigned steps = 1;
    while (guest.clean_step(stage2, done)) {
        ++steps;
    }
    EXPECT_EQ(done, first.size + second.size);
    EXPECT_EQ(steps, 2U);
}

} // namespace
} // namespace trv::guest
