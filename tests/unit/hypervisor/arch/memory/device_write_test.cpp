// SPDX-License-Identifier: Apache-2.0
#include "arch/memory/device_write.hpp"

#include <gtest/gtest.h>

namespace trv::arch {
namespace {

using enum FakeMmioStep::Kind;

TEST(DeviceWrite, IsReadBackFromTheSameDeviceAndTheReadWaitedFor) {
    std::array<u32, 2> device{};
    const Va set(reinterpret_cast<u64>(&device[0]));
    const Va status(reinterpret_cast<u64>(&device[1]));
    fake_mmio_steps.clear();
    write32_and_wait(set, 0x0800'0000, status);
    EXPECT_EQ(device[0], 0x0800'0000U);
    EXPECT_EQ(fake_mmio_steps,
              (std::vector<FakeMmioStep>{{Write, set.value, 0x0800'0000}, {Read, status.value}, {Wait}}));
}

} // namespace
} // namespace trv::arch
