// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/machine_reader.hpp"
#include "tool/machine/readers/optee_reader.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::machine {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string with_vms(const std::string& optee, unsigned vms, const std::string& more = "",
                     const std::string& memory = "4GiB") {
    std::string text = fmt::format("[machine]\ncpus = 2\nmemory = \"{}\"\n{}\n", memory, optee);
    for (unsigned i = 0; i < vms; ++i) {
        text += fmt::format("[vm.v{}]\nmemory = \"128MiB\"\nkernel = \"guest:probe\"\ntee = true\n", i);
    }
    return text + more;
}

firmware::OpteeBuild build_of(const std::string& text) {
    const auto machine = parse_machine(text, "m.toml");
    EXPECT_TRUE(machine) << to_string(machine.error());
    const auto* build = machine ? firmware::source_build(machine->optee) : nullptr;
    return build != nullptr ? *build : firmware::OpteeBuild{.vms = 0};
}

std::string refusal(const std::string& text) {
    const auto machine = parse_machine(text, "m.toml");
    return machine ? "accepted" : to_string(machine.error());
}

TEST(OpteeReader, ReadsWhereItComesFrom) {
    const firmware::Optee debian{firmware::DebianOptee::Virtualized};
    EXPECT_EQ(parse_machine(with_vms("optee = \"debian\"", 1), "m.toml")->optee, debian);
    EXPECT_EQ(build_of(with_vms("optee = \"source\"", 1)), usual_optee(platform::qemu_virt));
    EXPECT_EQ(build_of(with_vms("optee = {}", 1)), usual_optee(platform::qemu_virt));
    EXPECT_TRUE(parse_machine(with_vms("optee = \"debian\"", 1), "m.toml")->names_optee);
    EXPECT_THAT(refusal(with_vms("optee = \"sid\"", 1)),
                AllOf(StartsWith("m.toml:4:9: machine.optee:"), HasSubstr("source")));
}

TEST(OpteeReader, TakesTheSourceWhereVmsCanHaveATee) {
    EXPECT_EQ(build_of(with_vms("", 1)), usual_optee(platform::qemu_virt));
    EXPECT_FALSE(parse_machine(with_vms("", 1), "m.toml")->names_optee);
    const std::string other = "[vm.other]\nmemory = \"512MiB\"\nkernel = \"guest:probe\"\n";
    EXPECT_FALSE(firmware::source_build(parse_machine(with_vms("", 0, other), "m.toml")->optee));
    EXPECT_EQ(build_of(with_vms("", 0, other + "devices = \"all\"\n")), secure_optee(platform::qemu_virt))
        << "a host makes VMs with a TEE";
}

TEST(OpteeReader, TakesTheSourceWhereDebianHasNoBuildForTheBoard) {
    const std::string board = "platform = \"qemu-virt-gicv2\"\n";
    EXPECT_EQ(build_of(with_vms(board, 1)), usual_optee(platform::qemu_virt_gicv2));
    EXPECT_NE(usual_optee(platform::qemu_virt_gicv2), usual_optee(platform::qemu_virt));
    const std::string other = "[vm.other]\nmemory = \"512MiB\"\nkernel = \"guest:probe\"\n";
    EXPECT_TRUE(firmware::source_build(parse_machine(with_vms(board, 0, other), "m.toml")->optee));
    EXPECT_THAT(refusal(with_vms(board + "optee = \"debian\"", 1)),
                HasSubstr("machine.optee: Debian has no OP-TEE for qemu-virt-gicv2"));
}

TEST(OpteeReader, ReadsItsOptions) {
    const auto build = build_of(with_vms("optee = { vms = 3, threads = 4, heap = \"256KiB\", ta_memory = \"2MiB\", "
                                         "log_level = 1, statistics = false, tests = false, debug = true, "
                                         "address_spaces = 64, ftrace = true }",
                                         2));
    EXPECT_EQ(build.vms, 3U);
    EXPECT_EQ(build.threads, 4U);
    EXPECT_EQ(build.heap, 256 * kib);
    EXPECT_EQ(build.log_level, 1U);
    EXPECT_EQ(build.address_spaces, 64U);
    EXPECT_FALSE(build.statistics);
    EXPECT_FALSE(build.tests);
    EXPECT_TRUE(build.debug);
    EXPECT_TRUE(build.ftrace);
    EXPECT_TRUE(build.is_in_ram);
    EXPECT_EQ(build.memory.base, 0x4400'0000U);
    EXPECT_GE(build.memory.size, 3 * (2 * mib + 256 * kib));
    EXPECT_LT(build.memory.size, 16 * mib);
}

TEST(OpteeReader, BuildsForClassesOfMachines) {
    EXPECT_EQ(build_of(with_vms("optee = \"source\"", 1)), build_of(with_vms("optee = \"source\"", 4)));
    EXPECT_EQ(build_of(with_vms("optee = \"source\"", 5)).vms, 8U);
    EXPECT_EQ(build_of(with_vms("optee = \"source\"", 9)).vms, 16U);
    EXPECT_EQ(build_of(with_vms("optee = { vms = 5 }", 5)).vms, 5U);
}

TEST(OpteeReader, StaysInSecureMemoryBesideAHost) {
    const std::string host = "[vm.host]\nmemory = \"512MiB\"\nkernel = \"guest:probe\"\ndevices = \"all\"\n";
    const auto build = build_of(with_vms("optee = \"source\"", 1, host));
    EXPECT_FALSE(build.is_in_ram) << "the host's devices reach RAM";
    EXPECT_EQ(build.memory.base, 0x0e10'0000U);
    EXPECT_EQ(build.memory.size, 15 * mib);
    EXPECT_EQ(build.vms, 2U);
    EXPECT_TRUE(build_of(with_vms("optee = { secure_memory = false }", 1, host)).is_in_ram);
}

TEST(OpteeReader, StaysInSecureMemoryIfTheVmsHaveAllRam) {
    EXPECT_TRUE(build_of(with_vms("optee = \"source\"", 4, "", "2GiB")).is_in_ram);
    EXPECT_FALSE(build_of(with_vms("optee = \"source\"", 6, "", "1GiB")).is_in_ram);
}

TEST(OpteeReader, CountsItsRamAgainstTheMachines) {
    const auto machine = parse_machine(with_vms("optee = \"source\"", 4), "m.toml");
    ASSERT_TRUE(machine);
    EXPECT_EQ(machine->reserve(), hypervisor_reserve(4 * gib) + machine->optee_ram());
    EXPECT_THAT(refusal(with_vms("optee = { ta_memory = \"80MiB\", vms = 4 }", 4,
                                 "[vm.big]\nmemory = \"128MiB\"\nkernel = \"guest:probe\"\n", "1GiB")),
                AllOf(HasSubstr("is left for this VM; OP-TEE takes 3"), HasSubstr("or let [machine] optee have less")));
}

TEST(OpteeReader, RefusesWhatDoesNotFit) {
    EXPECT_THAT(refusal(with_vms("optee = { vms = 2 }", 3)),
                AllOf(StartsWith("m.toml:4:17: machine.optee.vms: 2 is too few: 3 VMs have a TEE."),
                      HasSubstr("Write vms = 3 or more")));
    EXPECT_THAT(refusal(with_vms("optee = { vms = 4, secure_memory = true, ta_memory = \"4MiB\" }", 4)),
                AllOf(HasSubstr("machine.optee.ta_memory: 4MiB is too much: the 15MiB of secure memory leave"),
                      HasSubstr("for each of 4 VMs. Write"), HasSubstr("or secure_memory = false")));
    EXPECT_THAT(refusal(with_vms("optee = { vms = 16, secure_memory = true }", 3)),
                AllOf(HasSubstr("machine.optee.vms: 16 VMs do not fit the 15MiB of secure memory. Write vms = "),
                      HasSubstr("or less, or secure_memory = false")));
    EXPECT_THAT(refusal(with_vms("optee = { vms = 16, ta_memory = \"64MiB\" }", 3, "", "16GiB")),
                HasSubstr("is too much: the 448MiB of RAM that the firmware can reserve leave"));
}

TEST(OpteeReader, SaysWhatLetsAllVmsHaveATee) {
    EXPECT_THAT(refusal(with_vms("optee = { secure_memory = true }", 16)),
                HasSubstr("Let at most 9 VMs have a TEE, or secure_memory = false."));
    EXPECT_THAT(
        refusal(with_vms("", 10, "", "1536MiB")),
        AllOf(HasSubstr("machine.memory: OP-TEE: 10 VMs do not fit the 15MiB of secure memory. Raise [machine] memory "
                        "by "),
              HasSubstr("Or let at most 9 VMs have a TEE.")));
    const std::string host = "[vm.host]\nmemory = \"512MiB\"\nkernel = \"guest:probe\"\ndevices = \"all\"\n";
    EXPECT_THAT(refusal(with_vms("optee = { vms = 12 }", 3, host)),
                HasSubstr("Write vms = 9 or less, or secure_memory = false, where the host's devices reach it."));
}

TEST(OpteeReader, HasASlotForEachThreadOfTheMostVms) {
    EXPECT_EQ(build_of(with_vms("optee = { vms = 16, threads = 8 }", 16, "", "16GiB")).threads, 8U);
}

TEST(OpteeReader, RefusesValuesThatMakeNoSense) {
    EXPECT_THAT(refusal(with_vms("optee = { vms = 17 }", 1)), HasSubstr("machine.optee.vms"));
    EXPECT_THAT(refusal(with_vms("optee = { threads = 9 }", 1)), HasSubstr("machine.optee.threads"));
    EXPECT_THAT(refusal(with_vms("optee = { heap = \"1KiB\" }", 1)), HasSubstr("machine.optee.heap"));
    EXPECT_THAT(refusal(with_vms("optee = { ta_memory = \"1KiB\" }", 1)), HasSubstr("Write 1MiB or more"));
    EXPECT_THAT(refusal(with_vms("optee = { address_spaces = 128 }", 1)), HasSubstr("machine.optee.address_spaces"));
    EXPECT_THAT(refusal(with_vms("optee = { heep = \"1MiB\" }", 1)), HasSubstr("Did you mean 'heap'?"));
}

} // namespace
} // namespace trv::tool::machine
