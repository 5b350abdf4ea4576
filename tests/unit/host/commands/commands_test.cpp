// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "tests/unit/host/fake_machine.hpp"
#include "tests/unit/host/host_files.hpp"
#include "tool/command_line/definitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::host::commands {
namespace {

using testing::HasSubstr;

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
    EXPECT_THAT(error_, HasSubstr("has no initramfs"));
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
        EXPECT_THAT(page, HasSubstr("\\fBtrivisorctl " + name + "\\fR"));
        EXPECT_THAT(script, HasSubstr(name));
    }
    EXPECT_THAT(script, HasSubstr("complete -o bashdefault -o default -F _trivisorctl trivisorctl"));
}

} // namespace
} // namespace trv::host::commands
