// SPDX-License-Identifier: Apache-2.0
#include "vm/mmio_bus.hpp"

#include <gtest/gtest.h>

namespace trv::vm {
namespace {

struct Silent final : vdev::MmioDevice {
    u64 read(const vdev::MmioAccess&) override { return 0; }
    void write(const vdev::MmioAccess&, u64) override {}
};

class MmioBusTest : public testing::Test {
  public:
    static constexpr IpaRange low{Ipa(0x1000), 0x1000}, high{Ipa(0x4000), 0x2000};
    MmioBusTest() {
        EXPECT_TRUE(bus.attach(low, one));
        EXPECT_TRUE(bus.attach(high, other));
    }
    Silent one, other;
    MmioBus bus;
};

TEST_F(MmioBusTest, FindsTheDeviceAndTheOffset) {
    const auto target = bus.find(Ipa(0x5ff8), 8);
    ASSERT_TRUE(target);
    EXPECT_EQ(&target->device, &other);
    EXPECT_EQ(target->offset, 0x1ff8U);
    EXPECT_EQ(&bus.find(Ipa(0x1000), 1)->device, &one);
}

TEST_F(MmioBusTest, FindsNothingBetweenWindows) {
    for (const u64 address : {u64{0}, u64{0xfff}, u64{0x2000}, u64{0x3fff}, u64{0x6000}, ~u64{0}}) {
        EXPECT_EQ(bus.find(Ipa(address), 1).error(), Error::NotFound) << address;
    }
}

TEST_F(MmioBusTest, KnowsOnlyAlignedAccesses) {
    for (const u8 size : {u8{2}, u8{4}, u8{8}}) {
        EXPECT_TRUE(bus.find(Ipa(0x1000), size));
        EXPECT_EQ(bus.find(Ipa(0x1000 + size / 2), size).error(), Error::Misaligned);
    }
}

TEST_F(MmioBusTest, RefusesOverlaps) {
    EXPECT_EQ(bus.attach({Ipa(0x5000), 0x1000}, one).error(), Error::AlreadyMapped);
    EXPECT_EQ(bus.attach({Ipa(0), 0x10000}, one).error(), Error::AlreadyMapped);
    EXPECT_TRUE(bus.attach({Ipa(0x2000), 0x2000}, one)) << "between two";
}

TEST_F(MmioBusTest, HasRoomForSoManyWindows) {
    for (unsigned i = 2; i < MmioBus::max_windows; ++i) {
        EXPECT_TRUE(bus.attach({Ipa(0x10000 * i), 0x1000}, one));
    }
    EXPECT_EQ(bus.attach({Ipa(0xff0000), 0x1000}, one).error(), Error::TooMany);
}

} // namespace
} // namespace trv::vm
