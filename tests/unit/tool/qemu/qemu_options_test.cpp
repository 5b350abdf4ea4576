// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/machine_description.hpp"
#include "tool/platform/qemu_arguments.hpp"
#include "tool/qemu/qemu_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trv::tool::qemu {
namespace {

using testing::Contains;
using testing::Not;

QemuOptions options() {
    return {.cpus = 2,
            .memory = 2 * machine::gib,
            .firmware = "firmware",
            .device_tree = "machine.dtb",
            .image = "a,b.bin",
            .modules = {{.file = "Image", .address = 0x6100'0000, .size = 1}},
            .secure_log = "tee.log"};
}

std::vector<std::string> dump(const QemuOptions& options) {
    return platform::dump_command_line(*options.platform, options.shape(), "out.dtb");
}

/// The value behind the `nth` occurrence of an option.
std::string value_of(const std::vector<std::string>& line, const std::string& option, int nth = 0) {
    for (auto at = line.begin(); (at = std::find(at, line.end(), option)) != line.end(); ++at) {
        if (nth-- == 0) {
            return *(at + 1);
        }
    }
    return "absent";
}

TEST(QemuOptions, DescribeTheMachine) {
    const auto line = command_line(options(), {.console = 7});
    EXPECT_EQ(line.front(), platform::qemu);
    EXPECT_EQ(value_of(line, "-M"), "virt,secure=on,virtualization=on,gic-version=3,acpi=off");
    EXPECT_EQ(value_of(line, "-smp"), "2");
    EXPECT_EQ(value_of(line, "-m"), "2048M");
    EXPECT_EQ(value_of(line, "-bios"), "firmware/flash.bin");
    EXPECT_EQ(value_of(line, "-dtb"), "machine.dtb");
    EXPECT_EQ(value_of(line, "-device"), "loader,file=a,,b.bin,addr=0x60000000,force-raw=on");
    EXPECT_EQ(value_of(line, "-device", 1), "loader,file=Image,addr=0x61000000,force-raw=on");
    EXPECT_EQ(value_of(line, "-chardev"), "socket,id=console,fd=7");
    EXPECT_THAT(line, Contains("-no-reboot"));
}

TEST(QemuOptions, StartTheChosenQemuWithTheChosenCpus) {
    QemuOptions other = options();
    other.emulator = {"env", "qemu"};
    other.cpu = "max";
    for (const auto& line : {command_line(other, {.console = 7}), dump(other)}) {
        EXPECT_EQ(line[0], "env");
        EXPECT_EQ(line[1], "qemu");
        EXPECT_EQ(value_of(line, "-cpu"), "max");
    }
}

TEST(QemuOptions, GiveTheNormalWorldTheFirstUart) {
    const auto line = command_line(options(), {.console = 7});
    EXPECT_EQ(value_of(line, "-serial"), "chardev:console");
    EXPECT_EQ(value_of(line, "-serial", 1), "chardev:secure");
}

TEST(QemuOptions, PlugInWhatTheMachineHas) {
    auto asked = options();
    EXPECT_THAT(command_line(asked, {.console = 7}), Not(Contains("-drive")));
    asked.peripherals = {.disks = {{.file = "a,b.img"}}, .network = platform::Network::User};
    const auto line = command_line(asked, {.console = 7});
    EXPECT_EQ(value_of(line, "-drive"), "if=none,id=disk0,file=a,,b.img,format=raw,discard=unmap");
    EXPECT_THAT(line, Contains("virtio-blk-pci,drive=disk0"));
    EXPECT_EQ(value_of(line, "-netdev"), "user,id=net0");
}

TEST(QemuOptions, GiveTheToolAPowerButtonWhenAsked) {
    auto asked = options();
    EXPECT_EQ(value_of(command_line(asked, {.console = 7}), "-monitor"), "none");
    asked.power_button = true;
    const auto line = command_line(asked, {.console = 7, .monitor = 9});
    EXPECT_EQ(value_of(line, "-monitor"), "chardev:monitor");
    EXPECT_THAT(line, Contains("socket,id=monitor,fd=9"));
}

TEST(QemuOptions, GiveABareMachineAPortForItsAgentAndLetItReboot) {
    auto asked = options();
    EXPECT_THAT(command_line(asked, {.console = 7}), Not(Contains("virtio-serial-pci")));
    asked.agent_port = true;
    asked.reboots = true;
    const auto line = command_line(asked, {.console = 7, .agent = 8});
    EXPECT_EQ(value_of(line, "-chardev"), "socket,id=agent,fd=8");
    EXPECT_THAT(line, Contains("virtserialport,chardev=agent,name=trivisor.agent"));
    EXPECT_THAT(line, Not(Contains("-no-reboot")));
}

TEST(QemuOptions, CountInstructionsAndWaitForGdbOnlyWhenAsked) {
    auto asked = options();
    EXPECT_THAT(command_line(asked, {.console = 7}), Not(Contains("-icount")));
    EXPECT_THAT(command_line(asked, {.console = 7}), Not(Contains("-S")));
    asked.instruction_clock = true;
    asked.debugger = true;
    EXPECT_EQ(value_of(command_line(asked, {.console = 7}), "-icount"), "shift=0,sleep=off");
    asked.peripherals.network = platform::Network::User;
    EXPECT_EQ(value_of(command_line(asked, {.console = 7}), "-icount"), "shift=0,sleep=on");
    EXPECT_THAT(command_line(asked, {.console = 7}), testing::IsSupersetOf({"-gdb", "tcp:127.0.0.1:1234", "-S"}));
}

TEST(QemuOptions, LetGdbConnectToASocketWithoutWaitingForIt) {
    auto asked = options();
    EXPECT_THAT(command_line(asked, {.console = 7}), Not(Contains("-gdb")));
    asked.gdb_listener = 9;
    const auto line = command_line(asked, {.console = 7});
    EXPECT_THAT(line, testing::IsSupersetOf({"socket,id=gdb,fd=9,server=on,wait=off", "chardev:gdb"}));
    EXPECT_THAT(line, Not(Contains("-S")));
}

TEST(QemuOptions, LeaveOutWhatDiffersFromRunToRunWhenAsked) {
    auto asked = options();
    EXPECT_THAT(command_line(asked, {.console = 7}), Not(Contains("-rtc")));
    asked.repeatable = true;
    EXPECT_EQ(value_of(command_line(asked, {.console = 7}), "-rtc"), "base=2026-01-01,clock=vm");
    for (const auto& line : {command_line(asked, {.console = 7}), dump(asked)}) {
        EXPECT_THAT(value_of(line, "-M"), testing::HasSubstr("dtb-randomness=off"));
    }
}

TEST(QemuOptions, LogExceptionsOnlyWhenAsked) {
    auto asked = options();
    EXPECT_THAT(command_line(asked, {.console = 7}), Not(Contains("-d")));
    asked.exception_log = "exceptions.log";
    EXPECT_EQ(value_of(command_line(asked, {.console = 7}), "-d"), "int");
    EXPECT_EQ(value_of(command_line(asked, {.console = 7}), "-D"), "exceptions.log");
}

TEST(QemuOptions, DumpTheTreeOfTheSameMachine) {
    const auto line = dump(options());
    EXPECT_EQ(value_of(line, "-M"), "virt,secure=on,virtualization=on,gic-version=3,acpi=off,dumpdtb=out.dtb");
    EXPECT_EQ(value_of(line, "-smp"), "2");
    EXPECT_THAT(line, Not(Contains("-bios")));
}

} // namespace
} // namespace trv::tool::qemu
