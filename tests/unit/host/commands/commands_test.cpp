// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "tests/unit/host/fake_machine.hpp"
#include "tests/unit/host/host_files.hpp"
#include "tool/command_line/definitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pty.h>
#include <unistd.h>

#include <csignal>
#include <regex>
#include <thread>

namespace trv::host::commands {
namespace {

using testing::HasSubstr;

/// The standard input, as long as this object lives: a user's terminal, or what comes through a pipe.
class Input {
  public:
    static Input terminal() {
        int user = -1;
        int program = -1;
        termios raw{};
        cfmakeraw(&raw); // what is typed before the program has begun is kept as it is
        EXPECT_EQ(::openpty(&user, &program, nullptr, &raw, nullptr), 0);
        return Input{user, program};
    }
    static Input pipe() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        return Input{ends[1], ends[0]};
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input() { ::dup2(before_.get(), STDIN_FILENO); }

    void type(std::string_view text) const {
        EXPECT_EQ(::write(user_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void end() { user_ = {}; }

  private:
    Input(int user, int program) : user_{user} {
        const tool::FileDescriptor from{program};
        ::dup2(from.get(), STDIN_FILENO);
    }

    tool::FileDescriptor before_{::dup(STDIN_FILENO)};
    tool::FileDescriptor user_;
};

class HostCommands : public HostFolder {
  protected:
    void SetUp() override {
        put("Image", image_of(4096));
        put("root.cpio", "archive");
        file_ = put("vms.toml", "[vm.a]\nmemory = \"64MiB\"\nkernel = \"Image\"\nrootfs = \"root.cpio\"\n"
                                "[vm.b]\nmemory = \"64MiB\"\nkernel = \"Image\"\n");
    }

    /// The exit code; what was written is in out_ and error_.
    int run(std::vector<std::string> words) {
        words.insert(words.begin(), "trivisorctl");
        std::vector<const char*> arguments;
        for (const auto& word : words) {
            arguments.push_back(word.c_str());
        }
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = run_command(static_cast<int>(arguments.size()), arguments.data(), machine_.connect());
        out_ = testing::internal::GetCapturedStdout();
        error_ = testing::internal::GetCapturedStderr();
        return code;
    }

    FakeMachine machine_;
    std::string file_;
    std::string out_;
    std::string error_;
};

TEST_F(HostCommands, CreateStartStopDestroy) {
    ASSERT_EQ(run({"create", file_}), 0) << error_;
    EXPECT_EQ(out_, "a: created\nb: created\n");
    ASSERT_EQ(run({"list"}), 0);
    EXPECT_THAT(out_, HasSubstr("created"));
    EXPECT_EQ(run({"start", "a"}), 0);
    ASSERT_EQ(run({"list", "--json"}), 0);
    EXPECT_EQ(nlohmann::json::parse(out_)["vms"][0]["state"], "running");
    EXPECT_EQ(run({"stop", "a"}), 0);
    EXPECT_EQ(machine_.vms.size(), 2U);
    EXPECT_EQ(run({"destroy", "a"}), 0);
    ASSERT_EQ(run({"list", "--json"}), 0);
    EXPECT_EQ(nlohmann::json::parse(out_)["vms"].size(), 1U);
}

TEST_F(HostCommands, DevicesShowsVmsWithoutDevicesToo) {
    ASSERT_EQ(run({"create", file_}), 0) << error_;
    EXPECT_EQ(run({"devices"}), 0) << error_;
    EXPECT_THAT(out_, HasSubstr("BACKEND"));
    ASSERT_EQ(run({"devices", "b", "--json"}), 0);
    EXPECT_EQ(nlohmann::json::parse(out_)["vms"][0]["vm"], "b");
    EXPECT_EQ(nlohmann::json::parse(out_)["vms"].size(), 1U);
    EXPECT_TRUE(nlohmann::json::parse(out_)["vms"][0]["devices"].empty());
    EXPECT_EQ(run({"devices", "c"}), 2);
}

TEST_F(HostCommands, PlugAsksWhatServesTheVm) {
    ASSERT_EQ(run({"create", file_}), 0) << error_;
    EXPECT_EQ(run({"plug", "a"}), 2);
    EXPECT_EQ(run({"plug", "c", "disk0"}), 2);
    EXPECT_EQ(run({"unplug", "a", "disk 0"}), 2);
    EXPECT_THAT(error_, HasSubstr("VM a: disk 0: is not the name of a device"));
    EXPECT_EQ(run({"unplug", "a", "disk0"}), 3);
    EXPECT_THAT(error_, HasSubstr("VM a: no program serves devices of it"));
}

TEST_F(HostCommands, MistakesHaveTheirExitCodes) {
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({"creat"}), 2);
    EXPECT_EQ(run({"start"}), 2);
    EXPECT_EQ(run({"create", "nowhere.toml"}), 2);
    EXPECT_EQ(run({"start", "c"}), 3);
    EXPECT_THAT(error_, HasSubstr("VM c: start: no such VM"));
    ASSERT_EQ(run({"create", file_}), 0);
    EXPECT_EQ(run({"console", "c"}), 2);
    EXPECT_THAT(error_, HasSubstr("There are: a, b."));
    EXPECT_EQ(run({"stats", "c"}), 2);
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_EQ(run({"--help"}), 0);
}

TEST_F(HostCommands, ConsoleIsTheUsersUntilTheyDetach) {
    ASSERT_EQ(run({"create", file_}), 0);
    const auto channel = contract::console_channel(1);
    machine_.put(channel, "login: ");
    const auto input = Input::terminal();
    input.type("root\r");
    std::jthread user{[&] {
        machine_.await_written(channel, "root\r");
        machine_.put(channel, "welcome\r\n");
        machine_.await_read(channel);
        input.type("\x1d\x1d"); // Ctrl-] itself
        machine_.await_written(channel, "root\r\x1d");
        input.type("\x1dq");
    }};
    EXPECT_EQ(run({"console", "a"}), 0) << error_;
    EXPECT_EQ(out_, "login: welcome\r\n");
    EXPECT_THAT(error_, HasSubstr("console of VM a; Ctrl-] q detaches"));
}

TEST_F(HostCommands, ConsolePassesOnAPipeAndEndsWithASignal) {
    ASSERT_EQ(run({"create", file_}), 0);
    const auto channel = contract::console_channel(2);
    auto input = Input::pipe();
    input.type("\x1dq\n");
    input.end();
    std::jthread user{[&] {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        machine_.await_written(channel, "\x1dq\n");
        machine_.put(channel, "still shown\n");
        machine_.await_read(channel);
        ::kill(::getpid(), SIGTERM);
    }};
    EXPECT_EQ(run({"console", "b"}), 0) << error_;
    EXPECT_EQ(out_, "still shown\n");
    EXPECT_EQ(error_, "");
}

TEST_F(HostCommands, TopShowsAllVmsUntilQ) {
    ASSERT_EQ(run({"create", file_}), 0);
    const auto input = Input::terminal();
    input.type("xq");
    EXPECT_EQ(run({"top"}), 0) << error_;
    EXPECT_THAT(out_, testing::StartsWith("\x1b[H\x1b[J"));
    EXPECT_THAT(out_, testing::ContainsRegex("\na .*\r\nb .*\r\nq quits\r\n"));
}

TEST_F(HostCommands, RunPassesExitCodesOn) {
    machine_.run = [](const std::string& command) {
        return std::pair{"ran " + command + "\n", command == "false" ? 1 : 0};
    };
    EXPECT_EQ(run({"run", file_, "--exec", "a=true", "--exec", "a=uname -a"}), 0) << error_;
    EXPECT_THAT(out_, HasSubstr("ran true\n"));
    EXPECT_THAT(out_, HasSubstr("ran uname -a\n"));
    EXPECT_TRUE(machine_.vms.empty()) << "they end with it";
    EXPECT_EQ(run({"run", file_, "--exec", "a=false", "--json"}), 1);
    const auto result = nlohmann::json::parse(out_);
    EXPECT_EQ(result["vms"]["a"]["commands"][0]["status"], "failed");
    EXPECT_EQ(result["vms"]["b"]["status"], "ok");
    EXPECT_THAT(error_, HasSubstr("ran false"));
}

TEST_F(HostCommands, RunRefusesWhatCannotRun) {
    EXPECT_EQ(run({"run", file_, "--exec", "c=true"}), 2);
    EXPECT_EQ(run({"run", file_, "--exec", "b=true"}), 2);
    EXPECT_THAT(error_, HasSubstr("has neither an initramfs nor a disk"));
    EXPECT_EQ(run({"run", file_, "--exec", "a"}), 2);
    machine_.refusal = "too many VMs";
    EXPECT_EQ(run({"run", file_, "--exec", "a=true"}), 3);
    EXPECT_THAT(error_, HasSubstr("VM a: create: too many VMs"));
}

TEST_F(HostCommands, ATimeOutEndsTheVms) {
    EXPECT_EQ(run({"run", file_, "--timeout", "0.1"}), 124);
    EXPECT_TRUE(machine_.vms.empty());
}

TEST_F(HostCommands, TheManualAndTheCompletionHaveEveryCommand) {
    CLI::App app;
    Action action;
    define_commands(app, action);
    const auto page = manual_page(app);
    const auto script = completion_script(app, "bash");
    EXPECT_THAT(page, HasSubstr(".TH TRIVISORCTL 1"));
    for (const auto& [name, command] : tool::command_line::all_commands(app)) {
        const std::string shown = std::regex_replace(name, std::regex("-"), "\\-");
        EXPECT_THAT(page, HasSubstr("\\fBtrivisorctl " + shown + "\\fR"));
        EXPECT_THAT(script, HasSubstr(name));
    }
    EXPECT_THAT(script, HasSubstr("complete -o bashdefault -o default -F _trivisorctl trivisorctl"));
}

} // namespace
} // namespace trv::host::commands
