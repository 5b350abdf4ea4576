// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/direct_map.hpp"
#include "memory/translation/host_space.hpp"
#include "tests/unit/hypervisor/memory/memory_fixture.hpp"

#include <optional>

namespace trv::memory {
namespace {

using arch::host_attributes;
using arch::HostAccess;
using arch::MemoryType;

constexpr arch::TranslationLimits limits{44, 8};

class HostSpaceTest : public MemoryTest {
  protected:
    HostSpaceTest() : image_frames(block(9, FrameOwner::Hypervisor)) {
        const Pa image_base = image_frames.base();
        image = {{image_base, 64 * KiB}, {image_base + 64 * KiB, 32 * KiB}, {image_base + 96 * KiB, 128 * KiB}};
        space.emplace(*HostSpace::create(pool, std::span(&ram_range, 1), std::span(&secure, 1), image, limits));
    }
    arch::LeafAttributes attributes_at(Pa pa) { return space->lookup(Va(pa.value))->attributes; }

    const PaRange secure{ram_base + 10 * MiB + 1, page_size};
    Frames image_frames;
    ImageLayout image;
    std::optional<HostSpace> space;
};

TEST_F(HostSpaceTest, RamIsIdentityWritableNeverExecutable) {
    for (const Pa pa : {ram_base, ram_base + 20 * MiB + 5, ram_range.end() - 1, image.data.end()}) {
        EXPECT_EQ(space->lookup(Va(pa.value))->output, pa);
        EXPECT_EQ(attributes_at(pa), host_attributes(MemoryType::Normal, HostAccess::ReadWrite));
    }
    EXPECT_EQ(space->lookup(Va(ram_range.end().value)).error(), Error::NotMapped);
    EXPECT_EQ(space->lookup(Va(ram_base.value - 1)).error(), Error::NotMapped);
    EXPECT_EQ(space->lookup(Va(0)).error(), Error::NotMapped);
    EXPECT_EQ(space->lookup(Va(ram_base.value + 30 * MiB))->size, 2 * MiB);
}

TEST_F(HostSpaceTest, ImageSectionsHaveTheirPermissions) {
    EXPECT_EQ(attributes_at(image.text.base), host_attributes(MemoryType::Normal, HostAccess::ReadExecute));
    EXPECT_EQ(attributes_at(image.text.end() - 1), host_attributes(MemoryType::Normal, HostAccess::ReadExecute));
    EXPECT_EQ(attributes_at(image.rodata.base), host_attributes(MemoryType::Normal, HostAccess::ReadOnly));
    EXPECT_EQ(attributes_at(image.data.base), host_attributes(MemoryType::Normal, HostAccess::ReadWrite));
    image.guarded_text = true;
    const HostSpace guarded = *HostSpace::create(pool, std::span(&ram_range, 1), {}, image, limits);
    EXPECT_EQ(guarded.lookup(Va(image.text.base.value))->attributes,
              host_attributes(MemoryType::Normal, HostAccess::ReadExecuteGuarded));
}

TEST_F(HostSpaceTest, NothingIsWritableAndExecutable) {
    constexpr u64 read_only = u64{1} << 7;
    for (Pa pa = ram_base; pa < ram_range.end(); pa += page_size) {
        if (const Result<PageTable::Leaf> leaf = space->lookup(Va(pa.value))) {
            ASSERT_NE(leaf->attributes.bits & (read_only | arch::leaf::execute_never), 0U);
        }
    }
}

TEST_F(HostSpaceTest, SecureMemoryIsNotMapped) {
    EXPECT_EQ(space->lookup(Va(secure.base.value)).error(), Error::NotMapped);
    EXPECT_EQ(space->lookup(Va(secure.end().value)).error(), Error::NotMapped) << "partial pages count whole";
    EXPECT_TRUE(space->lookup(Va(ram_base.value + 10 * MiB - 1)));
    EXPECT_TRUE(space->lookup(Va(ram_base.value + 10 * MiB + 2 * page_size)));
}

TEST_F(HostSpaceTest, RefusesBadLayouts) {
    const auto create = [&](PaRange ram, const ImageLayout& layout) {
        return HostSpace::create(pool, std::span(&ram, 1), {}, layout, limits);
    };
    const u64 free = pool.free_frames();
    ImageLayout bad = image;
    bad.data = {};
    EXPECT_EQ(create(ram_range, bad).error(), Error::Invalid);
    bad = image;
    bad.text.size += 1;
    EXPECT_EQ(create(ram_range, bad).error(), Error::Misaligned);
    bad = image;
    bad.rodata = image.text;
    EXPECT_EQ(create(ram_range, bad).error(), Error::AlreadyMapped);
    EXPECT_EQ(create({Pa(HostSpace::window_base.value - page_size), 2 * page_size}, image).error(), Error::OutOfRange);
    EXPECT_EQ(pool.free_frames(), free);
}

TEST_F(HostSpaceTest, DevicesInTheWindow) {
    const Va uart = *space->map_device({Pa(0x900'0040), 0x20});
    EXPECT_GE(uart, HostSpace::window_base);
    EXPECT_EQ(uart.offset_in(page_size), 0x40U);
    EXPECT_EQ(space->lookup(uart)->output, Pa(0x900'0040));
    EXPECT_EQ(space->lookup(uart)->attributes, host_attributes(MemoryType::Device, HostAccess::ReadWrite));
    EXPECT_EQ(space->lookup(uart.align_down(page_size) - 1).error(), Error::NotMapped);
    EXPECT_EQ(space->lookup(uart.align_down(page_size) + page_size).error(), Error::NotMapped);
    const Va redistributors = *space->map_device({Pa(0x80a'0000), 0xf6'0000});
    EXPECT_EQ(space->lookup(redistributors + 4 * MiB)->size, 2 * MiB) << "blocks are used where they fit";
    EXPECT_EQ(space->map_device({ram_base, page_size}).error(), Error::Denied);
    EXPECT_EQ(space->map_device({ram_base - 1, 2}).error(), Error::Denied);
    EXPECT_EQ(space->map_device({Pa(1), 0}).error(), Error::Invalid);
    EXPECT_EQ(space->map_device({Pa(u64{1} << 44), 1}).error(), Error::OutOfRange);
    EXPECT_EQ(space->map_device({Pa(~u64{0}), 2}).error(), Error::OutOfRange);
}

TEST_F(HostSpaceTest, StacksHaveGuardPages) {
    for (const unsigned pages : {1U, 4U, 16U}) {
        const Va top = *space->allocate_stack(pages);
        EXPECT_TRUE(top.is_aligned(page_size));
        const Va bottom = top - pages * page_size;
        for (Va va = bottom; va < top; va += page_size) {
            const PageTable::Leaf leaf = *space->lookup(va);
            EXPECT_EQ(leaf.attributes, host_attributes(MemoryType::Normal, HostAccess::ReadWrite));
            EXPECT_EQ(table.owner_of(leaf.output), FrameOwner::Hypervisor);
        }
        EXPECT_EQ(space->lookup(bottom - 1).error(), Error::NotMapped);
        EXPECT_EQ(space->lookup(top).error(), Error::NotMapped);
        EXPECT_TRUE(space->is_guard_page(bottom - 1));
        EXPECT_TRUE(space->is_guard_page(bottom - page_size));
        EXPECT_FALSE(space->is_guard_page(bottom));
        EXPECT_FALSE(space->is_guard_page(top));
    }
    const Va uart = *space->map_device({Pa(0x900'0000), page_size});
    EXPECT_FALSE(space->is_guard_page(uart - 1)) << "below a device is no stack";
    EXPECT_FALSE(space->is_guard_page(Va(ram_base.value - 1)));
    EXPECT_FALSE(space->is_guard_page(Va(~u64{0})));
    EXPECT_EQ(space->allocate_stack(0).error(), Error::Invalid);
    EXPECT_EQ(space->allocate_stack(3).error(), Error::Invalid);
    EXPECT_EQ(space->allocate_stack(128).error(), Error::Invalid);
}

TEST_F(HostSpaceTest, OutOfMemoryLeavesNothingBehind) {
    std::vector<Frames> all = exhaust();
    EXPECT_EQ(space->map_device({Pa(0x900'0000), page_size}).error(), Error::NoMemory);
    EXPECT_EQ(space->allocate_stack(1).error(), Error::NoMemory);
    EXPECT_EQ(pool.free_frames(), 0U);
}

TEST_F(HostSpaceTest, RegisterValuesAndCost) {
    EXPECT_EQ(space->tcr(), arch::tcr_value(arch::host_geometry, 44));
    EXPECT_EQ(HostSpace::mair(), 0x04ffU);
    EXPECT_EQ(space->ttbr0() & 0xfff, 0U);
    EXPECT_EQ(table.owner_of(Pa(space->ttbr0())), FrameOwner::Hypervisor);
    EXPECT_LE(space->table_frames(), 8U);
    EXPECT_TRUE(arch::FakeTlb::instance().operations.empty()) << "nothing that was mapped ever changes";
}

} // namespace
} // namespace trv::memory
