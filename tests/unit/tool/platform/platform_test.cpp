// SPDX-License-Identifier: Apache-2.0
#include "tool/platform/platform.hpp"
#include "tool/platform/qemu_arguments.hpp"
#include "tool/support/files.hpp"

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
        EXPECT_EQ(one.board({}).front(), "-M") << one.name;
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
    EXPECT_THAT(qemu_virt.board({})[1], testing::HasSubstr("gic-version=3"));
    EXPECT_THAT(qemu_virt_gicv2.board({.repeatable = true})[1], testing::HasSubstr("gic-version=2"));
    const firmware::Optee optee{firmware::OpteeBuild{.port = qemu_virt_gicv2.firmware.optee_port}};
    EXPECT_THAT(qemu_virt_gicv2.firmware.settings(optee), testing::Contains("QEMU_USE_GIC_DRIVER=QEMU_GICV2"));
    EXPECT_THAT(firmware::source_build(optee)->settings(), testing::Contains("CFG_ARM_GICV3=n"));
}

TEST(QemuVirt, HasTheCpusOfTheGivenModel) {
    EXPECT_THAT(qemu_virt.board({}), testing::IsSupersetOf({"-cpu", "cortex-a57"}));
    EXPECT_THAT(qemu_virt.board({.cpu = "neoverse-n1"}), testing::IsSupersetOf({"-cpu", "neoverse-n1"}));
}

TEST(Emulator, RunsFromItsFolderWithItsOwnLoaderAndLibraries) {
    const Paths paths("/checkout");
    EXPECT_THAT(qemu_words_of(paths, QemuChoice::Installed), testing::ElementsAre("qemu-system-aarch64"));
    const std::string tree = "/checkout/build/cache/qemu/trixie/usr/";
    const std::string libraries = tree + "lib/x86_64-linux-gnu";
    EXPECT_THAT(qemu_words_of(paths, QemuChoice::Trixie),
                testing::ElementsAre(
                    "env", "QEMU_MODULE_DIR=" + libraries + "/qemu", libraries + "/ld-linux-x86-64.so.2",
                    "--library-path", libraries + ":" + libraries + "/pulseaudio:" + libraries + "/systemd", "--argv0",
                    "qemu-system-aarch64", tree + "bin/qemu-system-aarch64", "-L", tree + "share/qemu"));
}

// Without semihosting: a guest could open the user's files by it.
TEST(Zcu102, StartsFromMemoryWithTheGivenTree) {
    EXPECT_THAT(zcu102.boot("firmware", "machine.dtb"),
                testing::ElementsAre("-device", "loader,file=firmware/bl31.elf,cpu-num=0", "-device",
                                     "loader,file=firmware/tee.bin,addr=0x60000000,force-raw=on", "-device",
                                     "loader,file=firmware/start.bin,addr=0x8000000,force-raw=on", "-device",
                                     "loader,file=machine.dtb,addr=0x100000,force-raw=on"));
}

TEST(Zcu102, DescribesItsCpusItsRamAndOpTeesPart) {
    const auto folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const Shape shape{
        .cpus = 3, .memory = 2048 * mib, .repeatable = true, .optee = {.base = 0x6000'0000, .size = 4 * mib}};
    const auto tree = zcu102.hardware_tree(shape, folder.path());
    ASSERT_TRUE(tree) << to_string(tree.error());
    const std::string source = *read_file(folder.path() / "hardware.dts");
    for (const char* part : {"cpu@2", "reg = <0 0 0x0 0x80000000>",
                             "optee_core@60000000 { reg = <0 0x60000000 0 0x400000>", "optee_shm@70000000"}) {
        EXPECT_THAT(source, testing::HasSubstr(part));
    }
    EXPECT_THAT(source, testing::Not(testing::HasSubstr("cpu@3")));
    EXPECT_THAT(source, testing::Not(testing::HasSubstr("rng-seed"))) << "another one comes from the tool";
    ASSERT_TRUE(zcu102.hardware_tree({.cpus = 1, .memory = 2048 * mib}, folder.path()));
    EXPECT_THAT(*read_file(folder.path() / "hardware.dts"), testing::HasSubstr("rng-seed = <"));
}

} // namespace
} // namespace trv::tool::platform
