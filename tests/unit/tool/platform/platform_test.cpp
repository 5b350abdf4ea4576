// SPDX-License-Identifier: Apache-2.0
#include "tool/platform/platform.hpp"
#include "tool/platform/qemu_arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace trv::tool::platform {
namespace {

TEST(Platform, NamesAreDistinctAndInTheOrderOfTheTable) {
    const auto all = names();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
    for (std::size_t index = 0; index < all.size(); ++index) {
        EXPECT_EQ(by_index(index).name, all[index]);
    }
    EXPECT_EQ(&by_index(0), &qemu_virt) << "the one of a description that names none";
}

TEST(Platform, EachIsWholeAndHasRoomForItsImage) {
    for (std::size_t index = 0; index < names().size(); ++index) {
        const Platform& one = by_index(index);
        EXPECT_GT(one.memory.image_address, one.memory.ram_base) << one.name;
        EXPECT_GT(one.memory.ram_base + one.memory.least, one.memory.image_address) << one.name;
        EXPECT_LE(one.memory.least, one.memory.most) << one.name;
        EXPECT_FALSE(one.firmware.files.empty()) << one.name;
        EXPECT_GE(one.firmware.most_cpus, 1U) << one.name;
        EXPECT_EQ(one.board(false).front(), "-M") << one.name;
    }
}

TEST(QemuArguments, DoubleCommasOfPaths) {
    EXPECT_EQ(loader("a,b.bin", 0x6000'0000), "loader,file=a,,b.bin,addr=0x60000000,force-raw=on");
}

TEST(QemuArguments, PlugDisksIntoTheirBuses) {
    EXPECT_THAT(peripheral_arguments({}), testing::IsEmpty());
    EXPECT_THAT(peripheral_arguments({.disks = {{.file = "a.img", .bus = DiskBus::VirtioMmio},
                                                {.file = "b.qcow2", .bus = DiskBus::Nvme, .raw = false}}}),
                testing::ElementsAre("-drive", "if=none,id=disk0,file=a.img,format=raw,discard=unmap", "-device",
                                     "virtio-blk-device,drive=disk0", "-drive",
                                     "if=none,id=disk1,file=b.qcow2,format=qcow2,discard=unmap", "-device",
                                     "nvme,drive=disk1,serial=disk1"));
}

TEST(QemuVirt, StartsFromFlashWithTheGivenTree) {
    EXPECT_THAT(qemu_virt.boot("firmware", "machine.dtb"),
                testing::ElementsAre("-bios", "firmware/flash.bin", "-dtb", "machine.dtb"));
}

TEST(QemuVirt, HasTheInterruptControllerOfItsName) {
    EXPECT_THAT(qemu_virt.board(false)[1], testing::HasSubstr("gic-version=3"));
    EXPECT_THAT(qemu_virt_gicv2.board(true)[1], testing::HasSubstr("gic-version=2"));
    const firmware::Optee optee{firmware::OpteeBuild{.port = qemu_virt_gicv2.firmware.optee_port}};
    EXPECT_THAT(qemu_virt_gicv2.firmware.settings(optee), testing::Contains("QEMU_USE_GIC_DRIVER=QEMU_GICV2"));
    EXPECT_THAT(firmware::source_build(optee)->settings(), testing::Contains("CFG_ARM_GICV3=n"));
}

} // namespace
} // namespace trv::tool::platform
