// SPDX-License-Identifier: Apache-2.0
#include "arch/memory/page_table_format.hpp"

#include <gtest/gtest.h>

namespace trv::arch {
namespace {

TEST(PageTableFormat, LevelsCoverWhatTheManualSays) {
    EXPECT_EQ(level_size(0), 512 * GiB);
    EXPECT_EQ(level_size(1), GiB);
    EXPECT_EQ(level_size(2), 2 * MiB);
    EXPECT_EQ(level_size(3), 4 * KiB);
    EXPECT_FALSE(level_has_leaves(0));
    EXPECT_TRUE(level_has_leaves(1));
}

TEST(PageTableFormat, DescriptorTypes) {
    const Descriptor table = Descriptor::to_table(Pa(0x4012'3000));
    EXPECT_EQ(table.bits(), 0x4012'3003U);
    EXPECT_TRUE(table.is_table(0));
    EXPECT_TRUE(table.is_table(2));
    EXPECT_FALSE(table.is_table(3));
    EXPECT_EQ(table.output(), Pa(0x4012'3000));

    const Descriptor block = Descriptor::to_memory(Pa(0x4020'0000), 2, {u64{1} << 54});
    EXPECT_EQ(block.bits(), 0x0040'0000'4020'0001U);
    EXPECT_TRUE(block.is_leaf(2));
    EXPECT_FALSE(block.is_table(2));
    EXPECT_EQ(block.attributes(), LeafAttributes{u64{1} << 54});

    const Descriptor page = Descriptor::to_memory(Pa(0x4020'1000), 3, {});
    EXPECT_EQ(page.bits(), 0x4020'1003U);
    EXPECT_TRUE(page.is_leaf(3));

    EXPECT_FALSE(Descriptor().is_valid());
    const Descriptor retired = Descriptor::retired(Pa(0x4012'3000));
    EXPECT_FALSE(retired.is_valid());
    EXPECT_FALSE(retired.is_table(1));
    EXPECT_TRUE(retired.is_retired());
    EXPECT_FALSE(Descriptor().is_retired());
    EXPECT_EQ(retired.output(), Pa(0x4012'3000));
}

TEST(PageTableFormat, HostAttributesNeverAllowWriteAndExecute) {
    constexpr u64 read_only = u64{1} << 7;
    for (const HostAccess access :
         {HostAccess::ReadOnly, HostAccess::ReadWrite, HostAccess::ReadExecute, HostAccess::ReadExecuteGuarded}) {
        const u64 bits = host_attributes(MemoryType::Normal, access).bits;
        EXPECT_TRUE((bits & leaf::execute_never) != 0 || (bits & read_only) != 0);
        EXPECT_NE(bits & leaf::access_flag, 0U);
        EXPECT_NE(bits & (u64{1} << 6), 0U) << "AP[1] is RES1";
    }
    EXPECT_EQ(host_attributes(MemoryType::Normal, HostAccess::ReadExecute).bits, 0x7c0U);
    EXPECT_EQ(host_attributes(MemoryType::Normal, HostAccess::ReadExecuteGuarded).bits, 0x0004'0000'0000'07c0U);
    EXPECT_EQ(host_attributes(MemoryType::Device, HostAccess::ReadWrite).bits, 0x0040'0000'0000'0644U);
}

TEST(PageTableFormat, Stage2AttributesRoundTrip) {
    for (const Access access : {Access::ReadOnly, Access::ReadWrite, Access::ReadExecute, Access::ReadWriteExecute}) {
        for (const MemoryType type : {MemoryType::Normal, MemoryType::Device}) {
            const LeafAttributes attributes = stage2_attributes(type, access);
            EXPECT_EQ(stage2_access(attributes), access);
            EXPECT_EQ(stage2_memory_type(attributes), type);
        }
    }
    EXPECT_EQ(stage2_attributes(MemoryType::Normal, Access::ReadWriteExecute).bits, 0x7fcU);
    EXPECT_EQ(stage2_attributes(MemoryType::Device, Access::ReadWrite).bits, 0x0040'0000'0000'06c0U)
        << "no early write acknowledgement";
}

TEST(PageTableFormat, LimitsFromIdRegisters) {
    EXPECT_EQ(TranslationLimits::from_registers(0, 0).pa_bits, 32U);
    EXPECT_EQ(TranslationLimits::from_registers(2, 0).pa_bits, 40U);
    EXPECT_EQ(TranslationLimits::from_registers(0xffff'fff5, 0).pa_bits, 48U);
    EXPECT_EQ(TranslationLimits::from_registers(6, 0).pa_bits, 48U) << "52 bits are not used";
    EXPECT_EQ(TranslationLimits::from_registers(0, 0).vmid_bits, 8U);
    EXPECT_EQ(TranslationLimits::from_registers(0, 0x20).vmid_bits, 16U);
    EXPECT_EQ(physical_size_field(32), 0U);
    EXPECT_EQ(physical_size_field(40), 2U);
    EXPECT_EQ(physical_size_field(48), 5U);
}

TEST(PageTableFormat, Stage2GeometryFollowsTheSize) {
    for (unsigned bits = 32; bits <= 48; ++bits) {
        const Result<TableGeometry> geometry = stage2_geometry(bits, 48);
        ASSERT_TRUE(geometry);
        EXPECT_EQ(geometry->start_level, bits <= 43 ? 1U : 0U);
        // What the hardware checks: the root resolves 1 bit to 9 bits plus 4 of concatenation.
        const unsigned root_bits = bits - level_shift(geometry->start_level);
        EXPECT_GE(root_bits, 1U);
        EXPECT_LE(root_bits, 9 + geometry->root_order);
        EXPECT_LE(geometry->root_order, 4U);
    }
    EXPECT_EQ(stage2_geometry(40, 40)->root_order, 1U);
    EXPECT_EQ(stage2_geometry(43, 48)->root_order, 4U);
    EXPECT_EQ(stage2_geometry(31, 48).error(), Error::OutOfRange);
    EXPECT_EQ(stage2_geometry(49, 52).error(), Error::OutOfRange);
    EXPECT_EQ(stage2_geometry(40, 36).error(), Error::OutOfRange);
}

TEST(PageTableFormat, ControlRegisters) {
    // 40-bit IPA and PA, level 1, 8-bit VMID.
    EXPECT_EQ(vtcr_value(*stage2_geometry(40, 40), {40, 8}), 0x8002'3558U);
    // 44 bits start at level 0; 16-bit VMID.
    EXPECT_EQ(vtcr_value(*stage2_geometry(44, 48), {48, 16}), 0x800d'3594U);
    EXPECT_EQ(tcr_value(host_geometry, 48), 0x8085'3510U);
    EXPECT_EQ(mair_value, 0x04ffU);
    EXPECT_EQ(vttbr_value(Pa(0x4012'3000), 0x1234), 0x1234'0000'4012'3000U);
}

} // namespace
} // namespace trv::arch
