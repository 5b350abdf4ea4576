// SPDX-License-Identifier: Apache-2.0
#include "vdev/device.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::vdev {
namespace {

struct Silent final : MmioDevice {
    MmioRead read(const MmioAccess&) override { return 0; }
    MmioOutcome write(const MmioAccess&, u64) override { return MmioOutcome::Done; }
};

struct RecordingController final : InterruptController {
    void set_level(IntId spi, bool asserted) override { levels.emplace_back(spi, asserted); }
    std::vector<std::pair<IntId, bool>> levels;
};

struct NoExits final : DeferredExits {
    Ticket defer(unsigned) override { return {}; }
    bool complete(Ticket, u64) override { return false; }
};

class DeviceContextTest : public testing::Test {
  public:
    DeviceContext at(const Place& place) { return {bus, controller, exits, free, place}; }

    MmioBus bus;
    RecordingController controller;
    NoExits exits;
    FreePlaces free{{Ipa(0x1'0000), 0x3000}, IntId(40), IntId(42)};
    Silent device, other;
};

TEST_F(DeviceContextTest, GivesTheWindowsOfAPlaceInTheirOrder) {
    DeviceContext context = at({{Ipa(0x8000), Ipa(0x4000)}, IntId(33)});
    EXPECT_EQ(context.map(0x1000, device), (IpaRange{Ipa(0x8000), 0x1000}));
    EXPECT_EQ(context.map(0x2000, other), (IpaRange{Ipa(0x4000), 0x2000}));
    EXPECT_EQ(bus.find(Ipa(0x5ffc), 4, 0)->device, &other);
    EXPECT_EQ(bus.find(Ipa(0x8000), 4, 0)->device, &device);
}

TEST_F(DeviceContextTest, GivesFreeWindowsToThoseWithoutAPlaceUntilNoneIsLeft) {
    EXPECT_EQ(at({}).map(0x2000, device)->base, Ipa(0x1'0000));
    EXPECT_EQ(at({}).map(0x2000, device).error(), Error::OutOfRange);
    EXPECT_EQ(at({}).map(0x1000, other)->base, Ipa(0x1'2000)) << "a smaller one fits";
    EXPECT_EQ(at({}).map(0x1000, other).error(), Error::OutOfRange);
}

TEST_F(DeviceContextTest, RefusesAPlaceThatIsTaken) {
    EXPECT_TRUE(at({{Ipa(0x8000)}}).map(0x1000, device));
    EXPECT_EQ(at({{Ipa(0x8000)}}).map(0x1000, other).error(), Error::AlreadyMapped);
}

TEST_F(DeviceContextTest, GivesTheInterruptOfAPlaceThenFreeOnes) {
    DeviceContext context = at({{}, IntId(33)});
    EXPECT_EQ(context.line()->intid(), IntId(33));
    EXPECT_EQ(context.line()->intid(), IntId(40));
    EXPECT_EQ(at({}).line()->intid(), IntId(41));
    EXPECT_EQ(at({}).line().error(), Error::OutOfRange);
}

TEST_F(DeviceContextTest, ALineDrivesItsInput) {
    Line line = *at({}).line();
    line.set(true);
    line.set(false);
    EXPECT_EQ(controller.levels, (std::vector{std::pair{IntId(40), true}, std::pair{IntId(40), false}}));
}

} // namespace
} // namespace trv::vdev
