// SPDX-License-Identifier: Apache-2.0
#include "vdev/mmio_bus.hpp"

#include <gtest/gtest.h>

#include <iterator>

namespace trv::vdev {
namespace {

struct Silent final : MmioDevice {
    MmioRead read(const MmioAccess&) override { return 0; }
    MmioOutcome write(const MmioAccess&, u64) override { return MmioOutcome::Done; }
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

TEST_F(MmioBusTest, FindsTheWindow) {
    const MmioBus::Window* const window = bus.find(Ipa(0x5ff8), 8, 0);
    ASSERT_NE(window, nullptr);
    EXPECT_EQ(window->device, &other);
    EXPECT_EQ(window->range, high);
    EXPECT_EQ(bus.find(Ipa(0x1000), 1, 0)->device, &one);
    EXPECT_EQ(bus.find(Ipa(0x1fff), 1, 1)->device, &one);
}

TEST_F(MmioBusTest, FindsNothingBetweenWindows) {
    for (const u64 address : {u64{0}, u64{0xfff}, u64{0x2000}, u64{0x3fff}, u64{0x6000}, ~u64{0}}) {
        EXPECT_EQ(bus.find(Ipa(address), 1, 0), nullptr) << address;
        EXPECT_EQ(MmioBus().find(Ipa(address), 1, 0), nullptr) << address;
    }
}

TEST_F(MmioBusTest, KnowsOnlyAlignedAccesses) {
    for (const u8 size : {u8{2}, u8{4}, u8{8}}) {
        EXPECT_NE(bus.find(Ipa(0x1000), size, 0), nullptr);
        EXPECT_EQ(bus.find(Ipa(0x1000 + size / 2), size, 0), nullptr);
    }
}

TEST_F(MmioBusTest, FindsEachWindowWhateverWasAccessedBefore) {
    Silent many[30];
    for (unsigned i = 0; i < std::size(many); ++i) {
        ASSERT_TRUE(bus.attach({Ipa(0x10000 * ((i * 7) % 30 + 1)), 0x1000}, many[i]));
    }
    for (unsigned before = 0; before < std::size(many); ++before) {
        for (unsigned i = 0; i < std::size(many); ++i) {
            (void)bus.find(Ipa(0x10000 * ((before * 7) % 30 + 1)), 4, 2);
            EXPECT_EQ(bus.find(Ipa(0x10000 * ((i * 7) % 30 + 1)) + 8, 4, 2)->device, &many[i]);
        }
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
} // namespace trv::vdev
