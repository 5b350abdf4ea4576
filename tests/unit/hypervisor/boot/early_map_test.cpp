// SPDX-License-Identifier: Apache-2.0
// The tables are the test's own memory, and what they map is looked up as the CPU does.

#include "boot/early_map.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace trv::boot {
namespace {

using arch::Descriptor;

constexpr u64 execute_never = u64{1} << 54;

class EarlyMapTest : public testing::Test {
  public:
    static constexpr std::size_t spare_tables = 6;

    /// What boot/start.S maps: the image, executable.
    void map_image(Pa block) {
        root()[block.value >> 39] = table(spare_tables);
        tables->at(spare_tables + 1)[block.value >> 30 & 511] = table(spare_tables + 1);
        tables->at(spare_tables + 2)[block.value >> 21 & 511] = Descriptor(block.value | 0x701);
    }
    EarlyMap map() { return {root(), std::span(*tables).subspan(1, spare_tables)}; }
    EarlyMap::Table& root() { return tables->front(); }
    Descriptor table(std::size_t spare) {
        return Descriptor::to_table(Pa(reinterpret_cast<u64>(&tables->at(spare + 1))));
    }

    struct Found {
        Pa output;
        bool executable;
        unsigned level;
    };
    std::optional<Found> look_up(Pa address) {
        const EarlyMap::Table* at = &root();
        for (unsigned level = 0; level <= 2; ++level) {
            const Descriptor entry = (*at)[address.value >> arch::level_shift(level) & 511];
            if (!entry.is_valid()) {
                return std::nullopt;
            }
            if (entry.is_leaf(level)) {
                return Found{Pa(entry.output().value + address.offset_in(arch::level_size(level))),
                             (entry.bits() & execute_never) == 0, level};
            }
            at = reinterpret_cast<const EarlyMap::Table*>(entry.output().value);
        }
        return std::nullopt;
    }
    void expect_ram(Pa address) {
        const auto found = look_up(address);
        ASSERT_TRUE(found) << std::hex << address.value;
        EXPECT_EQ(found->output, address);
        EXPECT_FALSE(found->executable) << std::hex << address.value;
    }

    struct alignas(4096) Aligned : std::array<EarlyMap::Table, 1 + spare_tables + 2> {};
    std::unique_ptr<Aligned> tables = std::make_unique<Aligned>();
};

TEST_F(EarlyMapTest, MapsWhatIsRamAndNothingElse) {
    ASSERT_TRUE(map().add({Pa(0x4020'0000), GiB}));
    expect_ram(Pa(0x4020'0000));
    expect_ram(Pa(0x7fff'ffff));
    expect_ram(Pa(0x801f'ffff));
    EXPECT_FALSE(look_up(Pa(0x401f'ffff))) << "a device, or secure memory";
    EXPECT_FALSE(look_up(Pa(0x8020'0000)));
}

TEST_F(EarlyMapTest, UsesLargeBlocksWhereAllOfThemIsRam) {
    ASSERT_TRUE(map().add({Pa(0x4000'0000), 2 * GiB}));
    EXPECT_EQ(look_up(Pa(0x4000'0000))->level, 1U);
    EXPECT_EQ(look_up(Pa(0x8000'0000))->level, 1U);
    expect_ram(Pa(0xbfff'f000));
    EXPECT_FALSE(look_up(Pa(0xc000'0000)));
}

TEST_F(EarlyMapTest, OnlyTheImageIsExecutable) {
    map_image(Pa(0x6000'0000));
    ASSERT_TRUE(map().add({Pa(0x4000'0000), GiB}));
    EXPECT_TRUE(look_up(Pa(0x6000'1000))->executable);
    expect_ram(Pa(0x5fff'f000));
    expect_ram(Pa(0x6020'0000));
    expect_ram(Pa(0x4000'0000));
}

TEST_F(EarlyMapTest, ReachesToTheBoundariesOutside) {
    ASSERT_TRUE(map().add({Pa(0x4030'0000), 2 * MiB}));
    expect_ram(Pa(0x4020'0000));
    expect_ram(Pa(0x405f'ffff));
    EXPECT_FALSE(look_up(Pa(0x4060'0000)));
}

TEST_F(EarlyMapTest, KnowsBanksFarApart) {
    EarlyMap early = map();
    ASSERT_TRUE(early.add({Pa(0x4000'0000), 256 * MiB}));
    ASSERT_TRUE(early.add({Pa(u64{8} << 39), 256 * MiB}));
    expect_ram(Pa(0x4000'0000));
    expect_ram(Pa((u64{8} << 39) + MiB));
    EXPECT_FALSE(look_up(Pa(u64{7} << 39)));
}

TEST_F(EarlyMapTest, SaysWhenItHasNoTablesLeft) {
    EarlyMap early = map();
    ASSERT_TRUE(early.add({Pa(0x4020'0000), 2 * MiB})) << "two tables";
    ASSERT_TRUE(early.add({Pa(0x4000'0000 + GiB), 2 * MiB})) << "one more";
    ASSERT_TRUE(early.add({Pa(u64{1} << 39), 2 * MiB})) << "two more";
    ASSERT_TRUE(early.add({Pa((u64{1} << 39) + GiB), 2 * MiB})) << "the last";
    EXPECT_FALSE(early.add({Pa((u64{1} << 39) + 2 * GiB), 2 * MiB}));
    EXPECT_TRUE(early.add({Pa((u64{1} << 39) + 4 * MiB), 2 * MiB})) << "in a table that exists";
}

} // namespace
} // namespace trv::boot
