// SPDX-License-Identifier: Apache-2.0
#include "tool/console/frames.hpp"
#include "tool/run/report/outcome.hpp"
#include "tool/run/report/summary_table.hpp"
#include "tool/run/session/machine_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::run {
namespace {

using testing::HasSubstr;

class MachineSessionTest : public testing::Test {
  protected:
    void start(std::vector<VmPlan> plans) {
        session_ = MachineSession{std::move(plans)};
        event(R"({"event":"machine-ready","ns":1000,"version":"0.1.0","image_bytes":99})");
    }
    void event(const std::string& line) { session_.on_event(*parse_event(line)); }
    void running(const std::string& vm) { event(R"({"event":"vm-running","ns":25000000,"vm":")" + vm + "\"}"); }
    void stopped(const std::string& vm, const std::string& reason) {
        event(R"({"event":"vm-stopped","ns":2,"vm":")" + vm + R"(","reason":")" + reason + R"(","detail":"why"})");
    }
    void console(const std::string& line, unsigned vm = 0) { session_.on_console_line(vm, line); }
    void off(const std::string& reason) {
        event(R"({"event":"machine-off","ns":3,"reason":")" + reason + "\"}");
        session_.on_machine_gone();
    }
    void says(unsigned vm, const std::string& line) { session_.on_agent_line(vm, line, 4.5); }

    /// What was sent since the last call, as "channel:line" texts.
    std::string sent() {
        std::string all;
        for (const auto& line : session_.take_outgoing()) {
            all += std::to_string(line.channel) + ":" + line.text;
        }
        return all;
    }
    [[nodiscard]] const VmSession& vm(std::size_t index = 0) const { return session_.vms().at(index); }
    [[nodiscard]] int code() const { return exit_code(Ending::MachineOff, session_); }

    MachineSession session_{{}};
};

TEST_F(MachineSessionTest, RunsCommandsInOrderAndPowersOff) {
    start({{.name = "a", .commands = {"foo", "foobar"}}});
    running("a");
    EXPECT_EQ(sent(), "");
    says(0, "hello 1");
    EXPECT_EQ(sent(), "3:exec 1 Zm9v\n");
    EXPECT_FALSE(session_.work_ended());
    says(0, "exit 1 0");
    EXPECT_EQ(sent(), "3:exec 2 Zm9vYmFy\n");
    says(0, "exit 2 0");
    EXPECT_TRUE(session_.work_ended());
    session_.power_off();
    session_.power_off();
    EXPECT_EQ(sent(), "3:poweroff\n");
    stopped("a", "off");
    off("all-vms-stopped");
    EXPECT_EQ(vm().status(), "ok");
    EXPECT_EQ(vm().exit_code(), 0);
    EXPECT_EQ(vm().boot_seconds(), 0.025);
    EXPECT_EQ(vm().ready_seconds(), 4.5);
    EXPECT_EQ(code(), 0);
}

TEST_F(MachineSessionTest, GoesOnAfterAFailureAndReportsIt) {
    start({{.name = "a", .commands = {"false", "true"}}});
    running("a");
    says(0, "hello 1");
    says(0, "exit 1 7");
    says(0, "exit 2 0");
    EXPECT_TRUE(session_.work_ended());
    EXPECT_EQ(vm().status(), "failed");
    EXPECT_EQ(vm().exit_code(), 7);
    stopped("a", "off");
    off("all-vms-stopped");
    EXPECT_EQ(code(), 1);
    EXPECT_THAT(summary_table(session_), HasSubstr("failed (7)"));
}

TEST_F(MachineSessionTest, CountsARebootOnRequestAsSuccessAndWaitsForTheNextHello) {
    start({{.name = "a", .commands = {"reboot -f", "uptime"}}});
    running("a");
    says(0, "hello 1");
    sent();
    stopped("a", "reboot");
    running("a");
    EXPECT_EQ(sent(), "");
    says(0, "hello 1");
    EXPECT_THAT(sent(), HasSubstr("exec 2"));
    EXPECT_EQ(vm().commands()[0].status, CommandResult::Status::Rebooted);
    says(0, "exit 2 0");
    EXPECT_TRUE(session_.all_good());
    EXPECT_EQ(vm().boot_seconds(), 0.025);
}

TEST_F(MachineSessionTest, PowersARebootingVmOffOnlyWhenItIsBack) {
    start({{.name = "a", .commands = {"reboot -f"}}});
    running("a");
    says(0, "hello 1");
    sent();
    stopped("a", "reboot");
    EXPECT_TRUE(session_.work_ended());
    session_.power_off();
    EXPECT_EQ(sent(), "");
    running("a");
    says(0, "hello 1");
    EXPECT_EQ(sent(), "3:poweroff\n");
    EXPECT_EQ(vm().status(), "rebooted");
    EXPECT_EQ(vm().exit_code(), std::nullopt);
}

TEST_F(MachineSessionTest, KnowsAVmThatPoweredOffHasNoMoreTurns) {
    start({{.name = "a", .commands = {"poweroff -f", "ls"}}});
    running("a");
    says(0, "hello 1");
    stopped("a", "off");
    EXPECT_TRUE(session_.work_ended());
    EXPECT_EQ(vm().commands()[0].status, CommandResult::Status::PoweredOff);
    EXPECT_EQ(vm().commands()[1].status, CommandResult::Status::NotRun);
    EXPECT_EQ(vm().status(), "not-run");
    off("all-vms-stopped");
    EXPECT_EQ(code(), 1);
}

TEST_F(MachineSessionTest, CountsACrashAsFailure) {
    start({{.name = "a", .commands = {"devmem 0"}}});
    running("a");
    says(0, "hello 1");
    stopped("a", "crash");
    EXPECT_TRUE(session_.work_ended());
    EXPECT_EQ(vm().status(), "crashed");
    EXPECT_EQ(vm().trouble(), "why");
    off("all-vms-stopped");
    EXPECT_EQ(code(), 1);
}

TEST_F(MachineSessionTest, CountsACrashWithoutCommandsAsFailureToo) {
    start({{.name = "a", .commands = {"ls"}}, {.name = "b", .has_agent = false}});
    stopped("b", "crash");
    says(0, "hello 1");
    says(0, "exit 1 0");
    EXPECT_TRUE(session_.work_ended());
    EXPECT_FALSE(session_.all_good());
    EXPECT_EQ(vm(1).status(), "crashed");
}

TEST_F(MachineSessionTest, LosesACommandWhenTheAgentStartsAnew) {
    start({{.name = "a", .commands = {"kill -9 1", "ls"}}});
    says(0, "hello 1");
    sent();
    says(0, "hello 1");
    EXPECT_EQ(vm().commands()[0].status, CommandResult::Status::Crashed);
    EXPECT_THAT(sent(), HasSubstr("exec 2"));
}

TEST_F(MachineSessionTest, IgnoresAnswersToQuestionsItDidNotAsk) {
    start({{.name = "a", .commands = {"ls"}}});
    says(0, "exit 1 0");
    says(0, "hello 1");
    says(0, "exit 7 0");
    says(9, "hello 1");
    says(0, "nonsense");
    EXPECT_FALSE(session_.work_ended());
    event(R"({"event":"vm-stopped","ns":2,"vm":"unknown","reason":"off"})");
    EXPECT_FALSE(session_.work_ended());
}

TEST_F(MachineSessionTest, RunsVmsSideBySide) {
    start({{.name = "a", .commands = {"x"}}, {.name = "b", .commands = {"y"}}});
    says(1, "hello 1");
    says(0, "hello 1");
    EXPECT_EQ(sent(), "5:exec 1 eQ==\n3:exec 1 eA==\n");
    says(1, "exit 1 0");
    EXPECT_FALSE(session_.work_ended());
    says(0, "exit 1 0");
    EXPECT_TRUE(session_.work_ended());
    session_.power_off();
    EXPECT_EQ(sent(), "3:poweroff\n5:poweroff\n");
}

TEST_F(MachineSessionTest, EndsTheMachineWhenOnlyVmsWithoutAgentsAreLeft) {
    start({{.name = "a", .commands = {"x"}}, {.name = "b", .has_agent = false}});
    running("b");
    says(0, "hello 1");
    says(0, "exit 1 0");
    sent();
    session_.power_off();
    EXPECT_EQ(sent(), "3:poweroff\n");
    stopped("a", "off");
    EXPECT_EQ(sent(), "1:poweroff\n");
    off("monitor");
    EXPECT_EQ(code(), 0);
}

constexpr const char* panic_line = "[    7.5] Kernel panic - not syncing: sysrq triggered crash";
constexpr const char* restart_line = "[    7.5] reboot: Restarting system";
constexpr const char* first_line = "[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x411fd070]";

class LinuxSessionTest : public MachineSessionTest {
  protected:
    /// One VM whose first command runs.
    void begin(std::vector<std::string> commands = {"x", "y"}) {
        start({{.name = "a", .commands = std::move(commands), .runs_linux = true}});
        running("a");
        console(first_line);
        says(0, "hello 1");
        sent();
    }
    [[nodiscard]] std::string words() const {
        std::string all;
        for (const auto& command : vm().commands()) {
            all += std::string{word_for(command)} + ' ';
        }
        return all;
    }
};

TEST_F(LinuxSessionTest, ARestartThatTheKernelAnnouncesIsOnRequest) {
    begin();
    console(restart_line);
    stopped("a", "reboot");
    EXPECT_FALSE(session_.unsettled());
    says(0, "hello 1");
    says(0, "exit 2 0");
    EXPECT_EQ(words(), "rebooted ok ");
    EXPECT_TRUE(session_.all_good());
}

TEST_F(LinuxSessionTest, TheAnnouncementMayComeAfterTheEvent) {
    begin();
    stopped("a", "reboot");
    EXPECT_TRUE(session_.unsettled());
    EXPECT_FALSE(session_.work_ended());
    console(restart_line);
    console(first_line);
    EXPECT_FALSE(session_.unsettled());
    EXPECT_EQ(words(), "rebooted not-run ");
}

TEST_F(LinuxSessionTest, AResetThatTheKernelDoesNotAnnounceIsAFailure) {
    begin();
    stopped("a", "reboot");
    running("a");
    console(first_line);
    EXPECT_EQ(vm().commands()[0].status, CommandResult::Status::Reset);
    says(0, "hello 1");
    says(0, "exit 2 0");
    EXPECT_EQ(words(), "reset ok ");
    EXPECT_EQ(vm().status(), "reset");
    off("all-vms-stopped");
    EXPECT_EQ(code(), 1);
}

TEST_F(LinuxSessionTest, APanicEndsTheVmsPartOfTheRun) {
    begin();
    console(panic_line);
    console("[    7.6] Call trace:");
    EXPECT_TRUE(session_.unsettled());
    stopped("a", "reboot");
    EXPECT_FALSE(session_.unsettled());
    EXPECT_TRUE(session_.work_ended());
    console("[    7.7]  panic+0x1/0x2");
    running("a");
    console("the next boot");
    EXPECT_EQ(words(), "panicked not-run ");
    EXPECT_EQ(vm().status(), "panicked");
    EXPECT_EQ(vm().trouble(), "Kernel panic - not syncing: sysrq triggered crash");
    EXPECT_THAT(vm().last_lines(),
                testing::ElementsAre(first_line, panic_line, "[    7.6] Call trace:", "[    7.7]  panic+0x1/0x2"));
    session_.power_off(); // it boots again, but that is not waited for
    EXPECT_EQ(sent(), "1:poweroff\n");
    off("monitor");
    EXPECT_EQ(code(), 1);
}

TEST_F(LinuxSessionTest, APanicMayComeAfterTheEventOfItsReset) {
    begin();
    stopped("a", "reboot");
    console(panic_line);
    EXPECT_EQ(words(), "panicked not-run ");
}

TEST_F(LinuxSessionTest, APanicWithoutAResetEndsItToo) {
    begin();
    console(panic_line);
    session_.settle();
    EXPECT_TRUE(session_.work_ended());
    EXPECT_EQ(words(), "panicked not-run ");
}

TEST_F(LinuxSessionTest, AKernelThatFollowsAPanicRunsTheOtherCommands) {
    begin();
    console(panic_line);
    console(first_line);
    EXPECT_FALSE(session_.unsettled());
    EXPECT_FALSE(session_.work_ended());
    says(0, "hello 1");
    says(0, "exit 2 0");
    EXPECT_EQ(words(), "panicked ok ");
    EXPECT_EQ(vm().trouble(), "Kernel panic - not syncing: sysrq triggered crash");
    off("all-vms-stopped");
    EXPECT_EQ(code(), 1);
}

TEST_F(LinuxSessionTest, AKernelThatFollowsAPanicAndRestartsEndsTheVmsPart) {
    begin();
    console(panic_line);
    console(first_line);
    console(restart_line);
    stopped("a", "reboot");
    EXPECT_EQ(words(), "panicked not-run ");
}

TEST_F(LinuxSessionTest, WordsOfAPanicInACommandsOutputAreNone) {
    begin();
    console(panic_line);
    console(first_line);
    says(0, "exit 1 0");
    EXPECT_FALSE(session_.unsettled());
    console(panic_line);
    console(restart_line);
    stopped("a", "reboot");
    EXPECT_EQ(words(), "ok rebooted ");
    EXPECT_TRUE(session_.all_good());
}

TEST_F(LinuxSessionTest, AVmThatIsResetBeforeItsAgentSpeaksIsGivenUp) {
    start({{.name = "a", .commands = {"x"}, .runs_linux = true}});
    running("a");
    stopped("a", "reboot");
    EXPECT_FALSE(session_.work_ended());
    session_.settle(); // nothing came on its console
    EXPECT_TRUE(session_.work_ended());
    EXPECT_EQ(vm().status(), "reset");
    EXPECT_EQ(words(), "not-run ");
    session_.power_off();
    EXPECT_EQ(sent(), "1:poweroff\n");
    stopped("a", "reboot"); // again and again
    EXPECT_FALSE(session_.unsettled());
}

TEST_F(LinuxSessionTest, APanicOfAVmWithoutCommandsIsAFailureAsWell) {
    start({{.name = "a", .commands = {"x"}, .runs_linux = true}, {.name = "b", .runs_linux = true}});
    says(0, "hello 1");
    console(panic_line, 1);
    stopped("b", "reboot");
    says(0, "exit 1 0");
    sent();
    session_.power_off();
    EXPECT_EQ(sent(), "3:poweroff\n");
    stopped("a", "off");
    EXPECT_EQ(sent(), "1:poweroff\n"); // b is not waited for
    EXPECT_EQ(vm(1).status(), "panicked");
    EXPECT_EQ(code(), 1);
}

TEST_F(MachineSessionTest, ReportsARefusedVmAsTheMachinesFailure) {
    start({{.name = "a", .commands = {"x"}}});
    event(R"({"event":"vm-refused","ns":2,"vm":"a","reason":"vcpus: 9 are too many"})");
    EXPECT_TRUE(session_.work_ended());
    EXPECT_EQ(vm().status(), "refused");
    off("all-vms-stopped");
    EXPECT_EQ(code(), 3);
}

TEST_F(MachineSessionTest, TellsTheEndingsApart) {
    start({{.name = "a", .commands = {"x"}}});
    says(0, "hello 1");
    off("panic");
    EXPECT_EQ(code(), 3);
    EXPECT_EQ(vm().status(), "unfinished");
    EXPECT_EQ(exit_code(Ending::TimeOut, session_), 124);
    EXPECT_EQ(exit_code(Ending::Interrupted, session_), 130);
    EXPECT_EQ(exit_code(Ending::Died, session_), 3);
    EXPECT_EQ(word_for(Ending::TimeOut, session_), "time-out");
}

} // namespace
} // namespace trv::tool::run
