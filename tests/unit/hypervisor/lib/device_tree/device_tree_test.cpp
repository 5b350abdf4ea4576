// SPDX-License-Identifier: Apache-2.0
#include "../../dts.hpp"
#include "lib/device_tree/device_tree.hpp"

#include <gtest/gtest.h>

namespace trv {
namespace {

using test::Dts;

TEST(DeviceTree, ReadsPropertiesWithTheirTypes) {
    Dts dts(R"(/ { a = <1 2>; b = <7>; c = /bits/ 64 <0x123456789>; d = "one", "two"; e; };)");
    const DeviceNode root = dts.tree().root();
    EXPECT_EQ(root.u32_property("b"), 7U);
    EXPECT_EQ(root.u32_property("a"), fail(Error::Invalid));
    EXPECT_EQ(root.u32_property("z"), fail(Error::NotFound));
    EXPECT_EQ(root.u64_property("c"), 0x123456789U);
    EXPECT_EQ(root.u64_property("b"), fail(Error::Invalid));
    EXPECT_EQ(root.text_property("d"), fail(Error::Invalid)) << "two texts are not one";
    EXPECT_EQ(root.property("d")->text(1), "two");
    EXPECT_EQ(root.property("d")->text(2), fail(Error::OutOfRange));
    EXPECT_TRUE(root.property("d")->contains("two"));
    EXPECT_FALSE(root.property("d")->contains("tw"));
    EXPECT_EQ(root.text_property("e"), fail(Error::Invalid));
    EXPECT_EQ(root.text_property("a"), fail(Error::Invalid)) << "not terminated";
    EXPECT_EQ(root.property("a")->cell(1), 2U);
    EXPECT_EQ(root.property("a")->cell(2), fail(Error::OutOfRange));
    EXPECT_EQ(root.property("a")->number(0, 2), 0x1'0000'0002U);
    EXPECT_EQ(root.property("a")->number(1, 2), fail(Error::OutOfRange));
    EXPECT_EQ(root.property("a")->number(~std::size_t{0}, 2), fail(Error::OutOfRange));
}

TEST(DeviceTree, RefusesNumbersWiderThan64Bits) {
    Dts dts("/ { a = <1 0 0>; b = <0 1 0>; };");
    EXPECT_EQ(dts.tree().root().property("a")->number(0, 3), fail(Error::Overflow));
    EXPECT_EQ(dts.tree().root().property("b")->number(0, 3), 0x1'0000'0000U);
}

TEST(DeviceTree, KnowsNamesAndUnitAddresses) {
    Dts dts("/ { a@1f { }; b { }; c@x { }; d@ { }; };");
    std::string names;
    std::vector<std::optional<u64>> units;
    for (const DeviceNode node : dts.tree().root().children()) {
        names += std::string(node.base_name()) + " ";
        units.push_back(node.unit_address());
    }
    EXPECT_EQ(names, "a b c d ");
    EXPECT_EQ(units, (std::vector<std::optional<u64>>{0x1f, std::nullopt, std::nullopt, std::nullopt}));
    EXPECT_EQ(dts.tree().find("/a@1f")->name(), "a@1f");
    EXPECT_EQ(dts.tree().find("/a")->parent(), dts.tree().root());
    EXPECT_FALSE(dts.tree().find("/z"));
    EXPECT_FALSE(dts.tree().find(""));
}

TEST(DeviceTree, HeedsStatus) {
    Dts dts(R"(/ { a { compatible = "x"; status = "disabled"; }; b { compatible = "y", "x"; status = "okay"; }; };)");
    EXPECT_FALSE(dts.tree().find("/a")->is_enabled());
    EXPECT_EQ(dts.tree().find_compatible("x")->name(), "b");
    EXPECT_FALSE(dts.tree().find_compatible("z"));
}

TEST(DeviceTree, FindsTheInterruptParentOfAnAncestor) {
    Dts dts("/ { interrupt-parent = <1>; a { interrupt-parent = <2>; b { }; }; c { }; };");
    EXPECT_EQ(dts.tree().interrupt_parent(*dts.tree().find("/a/b")), 2U);
    EXPECT_EQ(dts.tree().interrupt_parent(*dts.tree().find("/c")), 1U);
}

TEST(DeviceTree, OpensOnlyWhatIsWhole) {
    Dts dts("/ { a { b = <1>; }; };");
    const std::span<u8> bytes = dts.bytes();
    EXPECT_TRUE(DeviceTree::open(bytes));
    EXPECT_EQ(*DeviceTree::total_size(bytes.first<DeviceTree::header_size>()), bytes.size());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        std::vector<u64> exact((size + 7) / 8 + 1);
        std::copy_n(bytes.begin(), size, reinterpret_cast<u8*>(exact.data()));
        EXPECT_FALSE(DeviceTree::open({reinterpret_cast<const u8*>(exact.data()), size})) << size;
    }
    EXPECT_EQ(DeviceTree::open(bytes.subspan(1)).error(), Error::Misaligned);
    bytes[0] = 0;
    EXPECT_EQ(DeviceTree::open(bytes).error(), Error::Invalid);
}

} // namespace
} // namespace trv
