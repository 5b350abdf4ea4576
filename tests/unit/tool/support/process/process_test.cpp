// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/support/process/child_groups.hpp"
#include "tool/support/process/process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace trv::tool {
namespace {

using namespace std::chrono_literals;

Command shell(std::string script) {
    return {.arguments = {"sh", "-c", std::move(script)}};
}

TEST(Process, TellsItsExitCode) {
    EXPECT_EQ(run_process(shell("exit 7"))->code, 7);
}

TEST(Process, AddsTheSignalTo128) {
    EXPECT_EQ(run_process(shell("kill -9 $$"))->code, 137);
}

TEST(Process, ThatCannotStartIsAnErrorWithItsName) {
    const Result<ExitStatus> status = run_process({.arguments = {"no-such-program"}});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().place, "no-such-program");
}

TEST(Process, RunsInItsFolderAndEnvironment) {
    Command command = shell("pwd; echo $TRIVISOR_TEST");
    command.folder = "/usr";
    command.environment = {{"TRIVISOR_TEST", "value"}};
    EXPECT_EQ(capture("step", command), "/usr\nvalue\n");
}

TEST(Process, CanDoWithoutSettingsOfTheCaller) {
    ::setenv("TRIVISOR_TEST", "the caller's", 1);
    Command command = shell("echo \"$TRIVISOR_TEST\"; [ -n \"$PATH\" ]; echo $? $OTHER");
    command.environment = {{"OTHER", "value"}};
    command.clean = true;
    EXPECT_EQ(capture("step", command), "\n0 value\n");
    command.clean = false;
    EXPECT_EQ(capture("step", command), "the caller's\n0 value\n");
    ::unsetenv("TRIVISOR_TEST");
}

TEST(Process, CaptureTakesMoreThanAPipeHolds) {
    EXPECT_EQ(capture("step", shell("head -c 1000000 /dev/zero"))->size(), 1'000'000U);
}

TEST(Process, CaptureShowsStandardErrorOfAFailure) {
    const Result<std::string> output = capture("step", shell("echo reason >&2; exit 3"));
    ASSERT_FALSE(output);
    EXPECT_EQ(to_string(output.error()), "step: 'sh' ended with exit code 3. reason");
}

TEST(Process, FailedRunShowsTheEndOfItsLog) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Command command = shell("echo reason; exit 3");
    command.log = folder.path() / "log";
    const Result<void> result = run_checked("step", command);
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().hint.ends_with("reason")) << result.error().hint;
}

TEST(Process, StopsAtTheTimeLimit) {
    const auto started = std::chrono::steady_clock::now();
    EXPECT_FALSE(run_process(shell("sleep 30"), 100ms));
    EXPECT_LT(std::chrono::steady_clock::now() - started, 10s);
}

TEST(Process, DiesWithItsObjectAndTakesItsChildrenAlong) {
    pid_t id = -1;
    {
        const Process process = *Process::start(shell("sleep 30 & wait"));
        id = process.id();
        EXPECT_EQ(::kill(-id, 0), 0);
    }
    // The orphan is reaped by init, not by us: give it the time.
    for (int round = 0; round < 100 && ::kill(-id, 0) == 0; ++round) {
        std::ignore = run_process(shell("sleep 0.05"));
    }
    EXPECT_NE(::kill(-id, 0), 0);
}

/// One that has ended stays in the table until its parent, which may be a lazy init, asks for it. [proc(5)]
bool runs(pid_t id) {
    const std::string line = read_file("/proc/" + std::to_string(id) + "/stat").value_or("");
    const auto name_end = line.rfind(") ");
    return name_end != std::string::npos && line[name_end + 2] != 'Z';
}

TEST(Process, ASignalThatEndsUsEndsWhatOurChildrenStarted) {
    const TemporaryFolder folder = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    const auto file = folder.path() / "id";
    EXPECT_EXIT(
        {
            end_children_with_us();
            const Process process = *Process::start(shell("sleep 30 & echo $! >" + file.string() + "; wait"));
            while (read_file(file).value_or("").empty()) {
                std::ignore = run_process(shell("sleep 0.05"));
            }
            ::raise(SIGINT);
        },
        testing::KilledBySignal(SIGINT), "");
    const pid_t grandchild = std::stoi(*read_file(file));
    for (int round = 0; round < 100 && runs(grandchild); ++round) {
        std::ignore = run_process(shell("sleep 0.05"));
    }
    EXPECT_FALSE(runs(grandchild));
}

TEST(Process, WaitForTellsThatItStillRuns) {
    Process process = *Process::start(shell("sleep 30"));
    EXPECT_FALSE(process.wait_for(10ms));
    EXPECT_EQ(process.stop().code, 128 + SIGTERM);
}

} // namespace
} // namespace trv::tool
