// SPDX-License-Identifier: Apache-2.0
#include "memory/translation/page_table.hpp"
#include "tests/unit/hypervisor/memory/memory_fixture.hpp"

#include <map>
#include <optional>
#include <random>

namespace trv::memory {
namespace {

using arch::LeafAttributes;

constexpr LeafAttributes plain{u64{1} << 10};
constexpr LeafAttributes other{u64{1} << 10 | u64{1} << 54};

class RecordingTlb final : public TlbInvalidator {
  public:
    struct Call {
        u64 input;
        u64 size;
        bool mapped_then; ///< whether the beginning of the range was mapped at that moment
    };
    void invalidate(u64 input, u64 size) const override {
        calls.push_back({input, size, table != nullptr && table->lookup(input).has_value()});
    }
    mutable std::vector<Call> calls;
    const PageTable* table = nullptr;
};

class PageTableTest : public MemoryTest {
  protected:
    PageTable make_table(unsigned ipa_bits = 40) {
        Result<PageTable> made = PageTable::create(pool, *arch::stage2_geometry(ipa_bits, 48));
        EXPECT_TRUE(made.has_value());
        return std::move(*made);
    }
    RecordingTlb tlb;
};

TEST_F(PageTableTest, AlignmentAndSizeChooseTheLeaf) {
    PageTable table = make_table();
    ASSERT_TRUE(table.map(GiB, Pa(2 * GiB), GiB, plain, tlb));
    EXPECT_EQ(table.lookup(GiB)->size, GiB);
    ASSERT_TRUE(table.map(4 * GiB, Pa(2 * GiB + 2 * MiB), GiB, plain, tlb));
    EXPECT_EQ(table.lookup(4 * GiB)->size, 2 * MiB);
    ASSERT_TRUE(table.map(8 * GiB, Pa(2 * GiB + page_size), 2 * MiB, plain, tlb));
    EXPECT_EQ(table.lookup(8 * GiB)->size, page_size);
    // Small leaves up to a boundary, then large ones, then small ones.
    ASSERT_TRUE(table.map(16 * GiB - page_size, Pa(4 * GiB - page_size), GiB + 2 * page_size, plain, tlb));
    EXPECT_EQ(table.lookup(16 * GiB - 1)->size, page_size);
    EXPECT_EQ(table.lookup(16 * GiB)->size, GiB);
    EXPECT_EQ(table.lookup(17 * GiB)->size, page_size);
    EXPECT_TRUE(tlb.calls.empty()) << "from invalid to valid nothing needs to be forgotten";
}

TEST_F(PageTableTest, LookupSaysWhereAndHowFar) {
    PageTable table = make_table();
    ASSERT_TRUE(table.map(2 * MiB, Pa(64 * MiB), 2 * MiB, other, tlb));
    const PageTable::Leaf leaf = *table.lookup(2 * MiB + 0x12345);
    EXPECT_EQ(leaf.output, Pa(64 * MiB + 0x12345));
    EXPECT_EQ(leaf.remaining, 2 * MiB - 0x12345);
    EXPECT_EQ(leaf.attributes, other);
    EXPECT_EQ(table.lookup(2 * MiB - 1).error(), Error::NotMapped);
    EXPECT_EQ(table.lookup(4 * MiB).error(), Error::NotMapped);
    EXPECT_EQ(table.lookup(u64{1} << 40).error(), Error::OutOfRange);
    EXPECT_EQ(table.lookup(~u64{0}).error(), Error::OutOfRange);
}

TEST_F(PageTableTest, RefusesMalformedRanges) {
    PageTable table = make_table();
    EXPECT_EQ(table.map(0, Pa(0), 0, plain, tlb).error(), Error::Invalid);
    EXPECT_EQ(table.map(1, Pa(0), page_size, plain, tlb).error(), Error::Misaligned);
    EXPECT_EQ(table.map(0, Pa(1), page_size, plain, tlb).error(), Error::Misaligned);
    EXPECT_EQ(table.map(0, Pa(0), 1, plain, tlb).error(), Error::Misaligned);
    EXPECT_EQ(table.map(u64{1} << 40, Pa(0), page_size, plain, tlb).error(), Error::OutOfRange);
    EXPECT_EQ(table.map(page_size, Pa(0), u64{1} << 40, plain, tlb).error(), Error::OutOfRange);
    EXPECT_EQ(table.map(page_size, Pa(0), ~u64{0} - page_size + 1, plain, tlb).error(), Error::OutOfRange);
    EXPECT_EQ(table.map(0, Pa((u64{1} << 48) - page_size), 2 * page_size, plain, tlb).error(), Error::OutOfRange);
    EXPECT_EQ(table.unmap(0, 0, tlb).error(), Error::Invalid);
    EXPECT_EQ(table.unmap(0, page_size, tlb).error(), Error::NotMapped);
    EXPECT_EQ(table.unmap(~u64{0} - page_size + 1, page_size, tlb).error(), Error::OutOfRange);
}

TEST_F(PageTableTest, WhatIsMappedStaysWhenMappingFails) {
    PageTable table = make_table();
    ASSERT_TRUE(table.map(2 * GiB, Pa(GiB), page_size, other, tlb));
    const u64 tables = table.table_frames();
    EXPECT_EQ(table.map(GiB + page_size, Pa(GiB), 2 * GiB, plain, tlb).error(), Error::AlreadyMapped);
    EXPECT_EQ(table.table_frames(), tables) << "tables made on the way are freed";
    EXPECT_EQ(table.lookup(2 * GiB)->attributes, other);
    EXPECT_EQ(table.lookup(GiB + page_size).error(), Error::NotMapped);
}

TEST_F(PageTableTest, RunsOutOfMemoryWithoutATrace) {
    PageTable table = make_table();
    std::vector<Frames> all;
    while (pool.free_frames() > 3) {
        all.push_back(*pool.allocate(0, FrameOwner::Hypervisor));
    }
    const u64 tables = table.table_frames();
    // Needs a table of level 2 and three of level 3.
    EXPECT_EQ(table.map(page_size, Pa(0), 5 * MiB, plain, tlb).error(), Error::NoMemory);
    EXPECT_EQ(pool.free_frames(), 3U);
    EXPECT_EQ(table.table_frames(), tables);
    EXPECT_EQ(table.lookup(page_size).error(), Error::NotMapped);

    ASSERT_TRUE(table.map(0, Pa(0), GiB, plain, tlb));
    all.push_back(*pool.allocate(1, FrameOwner::Hypervisor));
    ASSERT_EQ(pool.free_frames(), 1U);
    // A split of 1 GiB down to pages needs two tables.
    EXPECT_EQ(table.unmap(page_size, page_size, tlb).error(), Error::NoMemory);
    EXPECT_EQ(table.lookup(page_size)->output, Pa(page_size)) << "still translates as before";
    EXPECT_EQ(table.lookup(GiB - 1)->output, Pa(GiB - 1));
}

TEST_F(PageTableTest, SplitBreaksBeforeItMakes) {
    PageTable table = make_table();
    ASSERT_TRUE(table.map(0, Pa(GiB), GiB, other, tlb));
    tlb.table = &table;
    ASSERT_TRUE(table.unmap(5 * page_size, page_size, tlb));
    ASSERT_EQ(tlb.calls.size(), 3U);
    EXPECT_EQ(tlb.calls[0].size, GiB);
    EXPECT_EQ(tlb.calls[1].size, 2 * MiB);
    EXPECT_EQ(tlb.calls[2].size, page_size);
    for (const RecordingTlb::Call& call : tlb.calls) {
        EXPECT_FALSE(call.mapped_then) << "the entry is invalid while TLBs forget it";
    }
    EXPECT_EQ(table.lookup(5 * page_size).error(), Error::NotMapped);
    EXPECT_EQ(table.lookup(4 * page_size)->output, Pa(GiB + 4 * page_size));
    EXPECT_EQ(table.lookup(6 * page_size)->attributes, other);
    EXPECT_EQ(table.lookup(2 * MiB)->size, 2 * MiB);
    EXPECT_EQ(table.lookup(GiB - 1)->output, Pa(2 * GiB - 1));
}

TEST_F(PageTableTest, EmptyTablesAreFreedOnceNoCpuWalksThem) {
    PageTable table = make_table();
    const u64 tables = table.table_frames();
    ASSERT_TRUE(table.map(GiB - 4 * MiB, Pa(page_size), 8 * MiB, plain, tlb));
    EXPECT_EQ(table.table_frames(), tables + 2 + 4);
    ASSERT_TRUE(table.unmap(GiB - 4 * MiB, 8 * MiB, tlb));
    EXPECT_EQ(table.table_frames(), tables);
    EXPECT_EQ(tlb.calls.size(), 3U) << "leaves, tables of level 3, tables of level 2";
    ASSERT_TRUE(table.map(0, Pa(0), GiB, plain, tlb));
    EXPECT_EQ(table.lookup(0)->size, GiB) << "large leaves are possible again";
}

TEST_F(PageTableTest, DestructionReturnsEveryFrame) {
    const Usage before = usage_of(this->table);
    for (const unsigned bits : {32U, 39U, 40U, 43U, 48U}) {
        PageTable table = make_table(bits);
        std::mt19937 random(bits);
        const u64 pages = (u64{1} << bits) / page_size;
        for (int i = 0; i < 200; ++i) {
            (void)table.map(random() % pages * page_size, Pa(random() % 4096 * page_size), page_size, plain, tlb);
        }
        PageTable moved(std::move(table));
        PageTable assigned = make_table(bits);
        assigned = std::move(moved);
        EXPECT_GT(assigned.table_frames(), 100U);
    }
    EXPECT_EQ(usage_of(this->table), before);
}

TEST_F(PageTableTest, TopOfTheAddressSpace) {
    for (const unsigned bits : {32U, 40U, 43U, 48U}) {
        PageTable table = make_table(bits);
        const u64 top = u64{1} << bits;
        ASSERT_TRUE(table.map(top - 2 * MiB, Pa(0), 2 * MiB, plain, tlb));
        ASSERT_TRUE(table.unmap(top - page_size, page_size, tlb));
        EXPECT_EQ(table.lookup(top - 1).error(), Error::NotMapped);
        EXPECT_EQ(table.lookup(top - page_size - 1)->output, Pa(2 * MiB - page_size - 1));
    }
}

/// One entry a page: slow and obviously right.
class PlainModel {
  public:
    struct Page {
        Pa output;
        LeafAttributes attributes;
    };
    bool map(u64 input, Pa output, u64 size, LeafAttributes attributes) {
        if (const auto next = pages.lower_bound(input); next != pages.end() && next->first < input + size) {
            return false;
        }
        for (u64 done = 0; done < size; done += page_size) {
            pages[input + done] = {output + done, attributes};
        }
        return true;
    }
    bool unmap(u64 input, u64 size) {
        for (u64 done = 0; done < size; done += page_size) {
            if (!pages.contains(input + done)) {
                return false;
            }
        }
        pages.erase(pages.find(input), pages.lower_bound(input + size));
        return true;
    }
    std::map<u64, Page> pages;
};

TEST_F(PageTableTest, RandomSequencesAgreeWithAPlainModel) {
    // 64 MiB of addresses across a border of 1 GiB; sizes around those of leaves.
    constexpr u64 base = GiB - 32 * MiB;
    constexpr u64 span_pages = 64 * MiB / page_size;
    PageTable table = make_table();
    PlainModel model;
    std::mt19937 random(11);
    unsigned mapped = 0;
    unsigned unmapped = 0;
    for (int step = 0; step < 1200; ++step) {
        u64 first = random() % span_pages;
        u64 pages = random() % 3 == 0 ? random() % 2048 + 1 : random() % 8 + 1;
        if (random() % 2 == 0) {
            first &= ~u64{511};
            pages = (pages + 511) & ~u64{511};
        }
        pages = std::min(pages, span_pages - first);
        const u64 input = base + first * page_size;
        const u64 size = pages * page_size;
        if (random() % 2 == 0) {
            const Pa output(random() % 2 == 0 ? input + 4 * GiB : random() % 100000 * page_size);
            const LeafAttributes attributes = random() % 2 == 0 ? plain : other;
            const bool expected = model.map(input, output, size, attributes);
            ASSERT_EQ(table.map(input, output, size, attributes, tlb).has_value(), expected);
            mapped += expected;
        } else {
            const bool expected = model.unmap(input, size);
            ASSERT_EQ(table.unmap(input, size, tlb).has_value(), expected);
            unmapped += expected;
        }
        for (int probe = 0; probe < 64; ++probe) {
            const u64 at = base + random() % (64 * MiB);
            const auto page = model.pages.find(at & ~(page_size - 1));
            const Result<PageTable::Leaf> leaf = table.lookup(at);
            ASSERT_EQ(leaf.has_value(), page != model.pages.end());
            if (leaf) {
                ASSERT_EQ(leaf->output, page->second.output + at % page_size);
                ASSERT_EQ(leaf->attributes, page->second.attributes);
            }
        }
    }
    EXPECT_GT(mapped, 50U);
    EXPECT_GT(unmapped, 50U);
    for (u64 at = base; at < base + 64 * MiB; at += page_size) {
        ASSERT_EQ(table.lookup(at).has_value(), model.pages.contains(at));
    }
    while (!model.pages.empty()) {
        const u64 at = model.pages.begin()->first;
        ASSERT_TRUE(table.unmap(at, page_size, tlb));
        model.pages.erase(at);
    }
    EXPECT_EQ(table.table_frames(), 2U) << "only the two root tables are left";
}

} // namespace
} // namespace trv::memory
