// SPDX-License-Identifier: Apache-2.0
#include "tool/control/unix_socket.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/debug/debug_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::ta {
namespace {

using testing::HasSubstr;

class DebugMachineTest : public testing::Test {
  protected:
    std::filesystem::path described(const std::string& optee) {
        const auto file = root_.path() / "one.toml";
        EXPECT_TRUE(
            write_file(file, "[machine]\ncpus = 2\nmemory = \"1GiB\"\n" + optee +
                                 "\n[vm.vm]\nmemory = \"256MiB\"\nkernel = \"debian:trixie/cloud\"\ntee = true\n"));
        return file;
    }

    TemporaryFolder root_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Context context_{.paths = Paths{root_.path()}};
};

TEST_F(DebugMachineTest, IsARunThatGdbCanConnectTo) {
    const auto run = run_folder::RunFolder::create(context_.paths, described(""));
    const auto control = control::listen_in(run->path());
    const auto gdb = control::listen_in(run->path(), control::gdb_socket_name);
    for (const std::filesystem::path& name : {std::filesystem::path{}, std::filesystem::path{"one-1"}}) {
        const auto machine = DebugMachine::find_or_start(context_, name);
        ASSERT_TRUE(machine) << to_string(machine.error());
        EXPECT_EQ(machine->folder(), run->path());
        EXPECT_EQ(machine->optee().core.filename(), "tee.elf");
        EXPECT_THAT(machine->optee().core.string(), HasSubstr("firmware/optee/source-"));
    }
}

TEST_F(DebugMachineTest, IsNotARunThatGdbCannotConnectTo) {
    const auto run = run_folder::RunFolder::create(context_.paths, described(""));
    const auto control = control::listen_in(run->path());
    const auto machine = DebugMachine::find_or_start(context_, "one-1");
    ASSERT_FALSE(machine);
    EXPECT_THAT(to_string(machine.error()), HasSubstr("--on: gdb cannot connect to one-1. Start the machine with"));
}

TEST_F(DebugMachineTest, HasAnOpteeWithSymbols) {
    const auto machine = DebugMachine::find_or_start(context_, described("optee = \"debian\""));
    ASSERT_FALSE(machine);
    EXPECT_EQ(exit_code(machine.error()), usage_exit_code);
    EXPECT_THAT(to_string(machine.error()), HasSubstr("machine.optee: Debian's OP-TEE has no symbols for a debugger. "
                                                      "Write optee = \"source\""));
}

} // namespace
} // namespace trv::tool::ta
