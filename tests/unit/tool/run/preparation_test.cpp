#include "tool/run/preparation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::runs {
namespace {

using testing::HasSubstr;

machine::MachineDescription two_vms() {
    return {.file = "two.toml",
            .cpus = 2,
            .vms = {{.name = "alpha", .rootfs = "demo", .cmdline = "quiet"}, {.name = "bare"}}};
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
    EXPECT_EQ(boot_arguments(vms[0], {}), "console=ttyAMA0 trivisor.mode=shell trivisor.name=alpha quiet");
    EXPECT_THAT(boot_arguments(vms[0], {.commands = {{"alpha", "ls"}}}), HasSubstr("trivisor.mode=exec"));
    EXPECT_EQ(boot_arguments(vms[1], {}), "");
}

} // namespace
} // namespace trv::tool::runs
