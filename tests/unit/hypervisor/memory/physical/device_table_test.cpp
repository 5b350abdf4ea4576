// SPDX-License-Identifier: Apache-2.0
#include "memory/physical/device_table.hpp"
#include "tests/unit/hypervisor/memory/memory_fixture.hpp"

namespace trv::memory {
namespace {

constexpr FrameOwner alpha = vm_owner(0);
constexpr FrameOwner beta = vm_owner(1);
constexpr PaRange clock{Pa(0x901'0000), page_size};
constexpr PaRange window{Pa(0x1000'0000), 256 * MiB};

using DeviceTableTest = MemoryTest;

TEST_F(DeviceTableTest, ARangeHasOneOwnerUntilTheLeaseEnds) {
    {
        const DeviceLease lease = *devices.claim(window, alpha);
        EXPECT_EQ(lease.range(), window);
        EXPECT_EQ(lease.owner(), alpha);
        EXPECT_EQ(devices.claim(window, beta).error(), Error::Busy);
        EXPECT_EQ(devices.claim(window, alpha).error(), Error::Busy) << "not even its own twice";
        EXPECT_EQ(devices.claim({window.end() - page_size, 2 * page_size}, beta).error(), Error::Busy);
        EXPECT_EQ(devices.reserve({window.base + 8, 4}).error(), Error::Busy);
        EXPECT_TRUE(devices.claim({window.end(), page_size}, beta)) << "beside it";
    }
    EXPECT_TRUE(devices.claim(window, beta));
}

TEST_F(DeviceTableTest, KeepsTheHypervisorsDevicesPageByPage) {
    ASSERT_TRUE(devices.reserve({Pa(0x900'0ffc), 8}));
    ASSERT_TRUE(devices.reserve({Pa(0x900'0000), 0x1000})) << "a page that it has already";
    for (const Pa page : {Pa(0x900'0000), Pa(0x900'1000)}) {
        EXPECT_EQ(devices.claim({page, page_size}, alpha).error(), Error::Busy);
    }
    EXPECT_TRUE(devices.claim({Pa(0x900'2000), page_size}, alpha));
}

TEST_F(DeviceTableTest, RefusesRam) {
    EXPECT_EQ(devices.claim(ram_range, alpha).error(), Error::Denied);
    EXPECT_EQ(devices.claim({ram_range.base - page_size, 2 * page_size}, alpha).error(), Error::Denied);
    EXPECT_EQ(devices.claim({ram_range.end() - page_size, 2 * page_size}, alpha).error(), Error::Denied);
    EXPECT_EQ(devices.reserve({ram_range.base, 4}).error(), Error::Denied);
    EXPECT_TRUE(devices.claim({ram_range.end(), page_size}, alpha));
}

TEST_F(DeviceTableTest, RefusesWhatIsNotWholePages) {
    EXPECT_EQ(devices.claim({Pa(0x901'0004), page_size}, alpha).error(), Error::Misaligned);
    EXPECT_EQ(devices.claim({Pa(0x901'0000), 4}, alpha).error(), Error::Misaligned);
    EXPECT_EQ(devices.claim({Pa(0x901'0000), 0}, alpha).error(), Error::Invalid);
    EXPECT_EQ(devices.claim({Pa(~u64{0} - 0xfff), 2 * page_size}, alpha).error(), Error::Overflow);
    EXPECT_EQ(devices.reserve({Pa(0x901'0000), 0}).error(), Error::Invalid);
    EXPECT_EQ(devices.reserve({Pa(~u64{0} - 4), 4}).error(), Error::Overflow);
    EXPECT_EQ(devices.reserve({Pa(~u64{0} - 4), 16}).error(), Error::Overflow);
}

TEST_F(DeviceTableTest, AMovedLeaseGivesBackOnce) {
    DeviceLease first = *devices.claim(clock, alpha);
    DeviceLease second = std::move(first);
    first = DeviceLease();
    EXPECT_EQ(devices.claim(clock, beta).error(), Error::Busy);
    second = *devices.claim(window, alpha);
    EXPECT_EQ(devices.claim(window, beta).error(), Error::Busy);
    EXPECT_TRUE(devices.claim(clock, beta));
}

TEST_F(DeviceTableTest, IsFullAtSomeTime) {
    std::vector<DeviceLease> all;
    Result<DeviceLease> lease = devices.claim(window, alpha);
    for (u64 i = 1; lease && i < 1000; ++i) {
        all.push_back(std::move(*lease));
        lease = devices.claim({window.end() + i * page_size, page_size}, alpha);
    }
    ASSERT_FALSE(lease);
    EXPECT_EQ(lease.error(), Error::TooMany);
    all.pop_back();
    EXPECT_TRUE(devices.claim(clock, beta));
}

} // namespace
} // namespace trv::memory
