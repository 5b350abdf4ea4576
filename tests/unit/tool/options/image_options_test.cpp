// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/machine_reader.hpp"
#include "tool/options/image_options.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::options {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

machine::MachineDescription machine_with(const std::string& tee) {
    return *machine::parse_machine("[machine]\ncpus = 4\nmemory = \"1GiB\"\n"
                                   "[vm.a]\nmemory = \"32MiB\"\nkernel = \"guest:checks\"\n" +
                                       tee,
                                   "m.toml");
}

TEST(ImageOptions, AnImageWithEverythingRunsEveryMachine) {
    EXPECT_TRUE(check_machine({}, machine_with("tee = true\n")));
}

TEST(ImageOptions, WithoutOpteeATeeIsRefusedWithTheOptionsName) {
    EXPECT_TRUE(check_machine({.optee = false}, machine_with("")));
    EXPECT_TRUE(check_machine({.optee = false}, machine_with("tee = false\n")));
    for (const auto* tee : {"tee = true\n", "[vm.a.tee]\ncalls = 1\n"}) {
        const auto checked = check_machine({.optee = false}, machine_with(tee));
        ASSERT_FALSE(checked) << tee;
        EXPECT_EQ(exit_code(checked.error()), 2);
        EXPECT_THAT(to_string(checked.error()), StartsWith("m.toml:7:"));
        EXPECT_THAT(to_string(checked.error()),
                    HasSubstr("vm.a.tee: the image is built without OP-TEE (option OPTEE)"));
    }
}

TEST(ImageOptions, WithoutTheHostAVmWithAllDevicesIsRefusedWithTheOptionsName) {
    EXPECT_TRUE(check_machine({.host = false}, machine_with("devices = \"virtual\"\n")));
    const auto checked = check_machine({.host = false}, machine_with("devices = \"all\"\n"));
    ASSERT_FALSE(checked);
    EXPECT_THAT(to_string(checked.error()),
                HasSubstr("vm.a.devices: the image is built without the host VM (option HOST)"));
}

TEST(ImageOptions, Without32BitGuestsSuchAKernelIsRefusedWithTheOptionsName) {
    const auto machine = *machine::parse_machine("[machine]\nmemory = \"1GiB\"\n[vm.a]\nmemory = \"512MiB\"\n"
                                                 "kernel = \"debian:trixie/armhf\"\n",
                                                 "m.toml");
    EXPECT_TRUE(check_machine({.aarch32 = true}, machine));
    const auto checked = check_machine({}, machine);
    ASSERT_FALSE(checked);
    EXPECT_THAT(to_string(checked.error()), StartsWith("m.toml:5:10: vm.a.kernel: is for 32-bit Arm"));
    EXPECT_THAT(to_string(checked.error()), HasSubstr("(option AARCH32)"));
}

TEST(ImageOptions, MoreCpusThanTheImageKnowsAreRefused) {
    EXPECT_TRUE(check_machine({.max_cpus = 4}, machine_with("")));
    const auto checked = check_machine({.max_cpus = 2}, machine_with(""));
    ASSERT_FALSE(checked);
    EXPECT_THAT(to_string(checked.error()), HasSubstr("m.toml:2:8: machine.cpus: the image is built for 2"));
}

TEST(ImageOptions, AnImageForAnotherInterruptControllerIsRefused) {
    const auto on = [](const std::string& platform) {
        return *machine::parse_machine("[machine]\nplatform = \"" + platform +
                                           "\"\nmemory = \"2GiB\"\n[vm.a]\nmemory = \"32MiB\"\n"
                                           "kernel = \"guest:checks\"\n",
                                       "m.toml");
    };
    EXPECT_TRUE(check_machine({.gicv2 = true}, on("qemu-virt-gicv2")));
    const auto checked = check_machine({}, on("qemu-virt-gicv2"));
    ASSERT_FALSE(checked);
    EXPECT_THAT(to_string(checked.error()),
                HasSubstr("m.toml:2:12: machine.platform: qemu-virt-gicv2 has a GICv2, and the image is built for a "
                          "GICv3 (option GICV2)"));
    EXPECT_THAT(to_string(check_machine({.gicv2 = true}, on("qemu-virt")).error()),
                HasSubstr("qemu-virt has a GICv3, and the image is built for a GICv2"));
}

TEST(ImageOptions, AreReadFromWhatTheBuildWrote) {
    const auto folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto file = folder.path() / "options.json";
    ASSERT_TRUE(write_file(file, R"({"OPTEE": false, "MAX_CPUS": 2, "TRACE": true})"));
    EXPECT_FALSE(read_image_options(file)->optee);
    EXPECT_EQ(read_image_options(file)->max_cpus, 2U);
    EXPECT_TRUE(read_image_options(file)->trace);
    ASSERT_TRUE(write_file(file, "{"));
    EXPECT_FALSE(read_image_options(file));
}

} // namespace
} // namespace trv::tool::options
