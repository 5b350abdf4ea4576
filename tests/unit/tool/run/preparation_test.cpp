// SPDX-License-Identifier: Apache-2.0
#include "tool/run/options_check.hpp"
#include "tool/run/preparation.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::run {
namespace {

using testing::HasSubstr;

machine::MachineDescription two_vms() {
    return {.file = "two.toml",
            .cpus = 2,
            .vms = {{.name = "alpha", .memory = 64 * machine::mib, .rootfs = "demo", .cmdline = "quiet"},
                    {.name = "bare"}}};
}

std::string refusal(const RunOptions& options) {
    const auto checked = check_options(options, two_vms());
    return checked ? "accepted" : to_string(checked.error());
}

TEST(Preparation, AcceptsOptionsThatFit) {
    EXPECT_EQ(refusal({.commands = {{"alpha", "ls"}}, .overlays = {{"alpha", "/"}}, .attach = "bare"}), "accepted");
}

TEST(Preparation, AcceptsCommandsForBareMetalGuests) {
    machine::MachineDescription machine = two_vms();
    machine.vms[1].kernel = "guest:checks";
    EXPECT_TRUE(check_options({.commands = {{"bare", "checks"}}}, machine).has_value());
    EXPECT_TRUE(make_plans({.commands = {{"bare", "checks"}}}, machine)[1].has_agent);
}

TEST(Preparation, RefusesVmsThatAreNotThere) {
    EXPECT_THAT(refusal({.commands = {{"alhpa", "ls"}}}), HasSubstr("--exec: alhpa: no such VM in two.toml. Did you"));
    EXPECT_THAT(refusal({.overlays = {{"gamma-ray", "/"}}}), HasSubstr("Its first is 'alpha'."));
    EXPECT_THAT(refusal({.attach = "x"}), HasSubstr("--attach"));
}

TEST(Preparation, RefusesWhatCannotWork) {
    EXPECT_THAT(refusal({.commands = {{"bare", "ls"}}}), HasSubstr("no root file system"));
    EXPECT_THAT(refusal({.overlays = {{"alpha", "/nowhere"}}}), HasSubstr("/nowhere is not a folder"));
    EXPECT_THAT(refusal({.overlays = {{"alpha", "/"}, {"alpha", "/tmp"}}}), HasSubstr("alpha: the VM has two"));
    EXPECT_THAT(refusal({.overlays = {{"bare", "/"}}}), HasSubstr("no root file system to overlay"));
}

TEST(Preparation, PlansTheCommandsOfEachVm) {
    const auto plans = make_plans({.commands = {{"alpha", "a"}, {"alpha", "b"}}}, two_vms());
    ASSERT_EQ(plans.size(), 2U);
    EXPECT_THAT(plans[0].commands, testing::ElementsAre("a", "b"));
    EXPECT_TRUE(plans[0].has_agent);
    EXPECT_FALSE(plans[1].has_agent);
}

TEST(Preparation, TellsTheGuestWhatIsWantedOfIt) {
    const auto vms = two_vms().vms;
    EXPECT_EQ(boot_arguments(vms[0], {}),
              "console=ttyAMA0 trivisor.mode=shell trivisor.name=alpha panic=-1 cma=4M quiet");
    EXPECT_THAT(boot_arguments(vms[0], {.commands = {{"alpha", "ls"}}}), HasSubstr("trivisor.mode=exec"));
    EXPECT_EQ(boot_arguments(vms[1], {}), "");
}

TEST(Preparation, SetsWhatAnUnattendedKernelNeedsUnlessTheUserDid) {
    auto vm = two_vms().vms[0];
    vm.memory = 128 * machine::mib;
    EXPECT_THAT(boot_arguments(vm, {}), HasSubstr(" panic=-1 cma=8M quiet"));
    vm.memory = 512 * machine::mib;
    EXPECT_THAT(boot_arguments(vm, {}), testing::Not(HasSubstr("cma")));
    vm.memory = 128 * machine::mib;
    vm.cmdline = "panic=30  cma=0";
    EXPECT_EQ(boot_arguments(vm, {}), "console=ttyAMA0 trivisor.mode=shell trivisor.name=alpha panic=30  cma=0");
    vm.cmdline = "xpanic=1 panic_on_oops=1";
    EXPECT_THAT(boot_arguments(vm, {}), HasSubstr(" panic=-1 cma=8M xpanic"));
}

TEST(Preparation, BootsTheSystemOnTheDisk) {
    auto machine = two_vms();
    machine.disks = {{.image = "debian:trixie"}};
    auto& vm = machine.vms[0];
    vm.kernel = "disk";
    vm.rootfs = "";
    vm.cmdline = "";
    EXPECT_EQ(boot_arguments(vm, {}, "LABEL=host-root"), "console=ttyAMA0 root=LABEL=host-root panic=-1");
    const RunOptions exec{.commands = {{"alpha", "ls"}}, .bare = true};
    EXPECT_THAT(boot_arguments(vm, exec, "LABEL=host-root"), HasSubstr(" systemd.mask=serial-getty@ttyAMA0.service"));
    EXPECT_TRUE(check_options(exec, machine).has_value());
    vm.kernel_place = {.place = "two.toml:8:10", .key = "vm.alpha.kernel"};
    const auto refused = check_options({}, machine);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(
        to_string(refused.error()),
        "two.toml:8:10: vm.alpha.kernel: needs the machine's disk, and the VM has no devices of the machine. Give "
        "the VM devices = \"all\".");
    vm.devices = contract::DeviceSet::All;
    EXPECT_TRUE(check_options({}, machine).has_value());
    EXPECT_TRUE(make_plans({}, machine)[0].has_agent);
    EXPECT_TRUE(make_plans({}, machine)[0].runs_linux);
    machine.disks = {{.image = "/own.img"}};
    EXPECT_FALSE(make_plans({}, machine)[0].has_agent) << "of a system that is not ours";
}

TEST(Preparation, RefusesACommandLineThatAKernelWouldCut) {
    auto machine = two_vms();
    machine.vms[0].cmdline_place = {.place = "two.toml:9:11", .key = "vm.alpha.cmdline"};
    const std::size_t ours = boot_arguments(machine.vms[0], {}).size() - machine.vms[0].cmdline.size();
    machine.vms[0].cmdline = std::string(2047 - ours, 'x');
    EXPECT_EQ(boot_arguments(machine.vms[0], {}).size(), 2047U);
    EXPECT_TRUE(check_options({}, machine).has_value());
    machine.vms[0].cmdline += "yyy";
    const auto refused = check_options({}, machine);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(exit_code(refused.error()), 2);
    EXPECT_EQ(
        to_string(refused.error()),
        fmt::format("two.toml:9:11: vm.alpha.cmdline: {} bytes are 3 too many: a kernel takes 2047, and Trivisor's "
                    "own parameters take {} of them. Shorten it to {} bytes.",
                    2050 - ours, ours, 2047 - ours));
    machine.vms[0].cmdline = "";
    machine.vms[1].cmdline = std::string(2048, 'x');
    EXPECT_FALSE(check_options({}, machine).has_value());
}

} // namespace
} // namespace trv::tool::run
