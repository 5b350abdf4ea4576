// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/dialogue.hpp"
#include "tool/dev/testing/joined_ends.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::dev::testing {
namespace {

using ::testing::HasSubstr;
using Kind = DialogueStep::Kind;

class DialogueTest : public ::testing::Test {
  protected:
    /// What goes wrong in a dialogue with a script; empty when nothing does. FILE is a name for the script and its
    /// steps.
    std::string talk(std::string script, std::vector<DialogueStep> steps) {
        auto ends = *make_socket();
        Process process = *Process::start({.arguments = {"sh", "-c", std::move(script)},
                                           .environment = environment_,
                                           .input = ends.its.get(),
                                           .output = ends.its.get()});
        ends.its.reset();
        const SystemCase system_case{.limit = 30, .dialogue = std::move(steps)};
        Dialogue dialogue{system_case, process, ends.ours.get(), {.arguments = {"sh"}, .environment = environment_}};
        return dialogue.run().value_or("");
    }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    std::vector<std::pair<std::string, std::string>> environment_{{"FILE", folder_.path() / "file"}};
};

TEST_F(DialogueTest, ListensWhileAStepRuns) {
    EXPECT_EQ(talk("head -c 1000000 /dev/zero; echo all; touch $FILE; echo end",
                   {{.kind = Kind::Run, .text = "while ! [ -e $FILE ]; do sleep 0.05; done; echo beside"},
                    {.kind = Kind::Expect, .text = "beside"},
                    {.kind = Kind::Expect, .text = "all"},
                    {.kind = Kind::Expect, .text = "end"}}),
              "");
}

TEST_F(DialogueTest, TellsWhatAFailedStepSaid) {
    EXPECT_THAT(talk("read line", {{.kind = Kind::Run, .text = "echo reason >&2; exit 3"}}),
                HasSubstr("ended with exit code 3. reason"));
}

TEST_F(DialogueTest, RunsAStepWhenTheCommandHasEnded) {
    EXPECT_EQ(
        talk("true", {{.kind = Kind::Run, .text = "sleep 0.2; echo beside"}, {.kind = Kind::Expect, .text = "beside"}}),
        "");
}

TEST_F(DialogueTest, TellsWhatWasNotSaid) {
    EXPECT_THAT(talk("echo one", {{.kind = Kind::Expect, .text = "two"}}),
                HasSubstr("it ended without printing /two/"));
}

} // namespace
} // namespace trv::tool::dev::testing
