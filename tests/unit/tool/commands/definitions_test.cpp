// SPDX-License-Identifier: Apache-2.0
// The manual page and the completion say what the commands' own definitions say.

#include "tool/commands/definitions.hpp"
#include "tool/support/process/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::commands {
namespace {

using command_line::choices;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class Definitions : public testing::Test {
  protected:
    void SetUp() override { define_commands(app_, action_); }

    static std::string unwrapped(std::string text) {
        std::ranges::replace(text, '\n', ' ');
        return text;
    }

    /// What bash offers at the end of a command line.
    std::string offered(const std::string& line) {
        const std::string script = completion_script(app_, "bash") + "COMP_WORDS=(" + line +
                                   "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _trivisor; "
                                   "echo \"${COMPREPLY[*]}\"";
        return capture("completion", {.arguments = {"bash", "-c", script}}).value_or("failed");
    }

    CLI::App app_;
    Action action_;
};

TEST_F(Definitions, FindsCommandsBelowCommands) {
    std::vector<std::string> names;
    for (const auto& named : all_commands(app_)) {
        names.push_back(named.name);
    }
    EXPECT_THAT(names, Contains("run"));
    EXPECT_THAT(names, Contains("ta new"));
}

TEST_F(Definitions, TheManualHasEveryCommandOptionAndArgument) {
    const std::string page = manual_page(app_);
    const auto escaped = [](std::string name) {
        for (std::size_t at = 0; (at = name.find('-', at)) != std::string::npos; at += 2) {
            name.insert(at, 1, '\\');
        }
        return name;
    };
    for (const auto& [name, command] : all_commands(app_)) {
        const auto begin = page.find("\\fBtrivisor " + escaped(name) + "\\fR");
        ASSERT_NE(begin, std::string::npos) << name;
        const std::string section = page.substr(begin, page.find("\n.SS ", begin) - begin);
        const std::string description = escaped(command->get_description());
        EXPECT_THAT(unwrapped(section), HasSubstr(description));
        for (const CLI::Option* option : command->get_options()) {
            for (const auto& spelling : option->get_lnames()) {
                if (spelling == "help") {
                    continue;
                }
                EXPECT_THAT(section, HasSubstr("\\fB\\-\\-" + escaped(spelling) + "\\fR")) << name;
            }
            if (option->get_positional()) {
                EXPECT_THAT(section, HasSubstr("\\fI" + option->get_name(true) + "\\fR")) << name;
            }
        }
    }
}

TEST_F(Definitions, NoTextIsTakenForARequest) {
    app_.add_subcommand("odd", "'tis \\ odd.\n.so /etc/passwd");
    EXPECT_THAT(manual_page(app_), HasSubstr("\\&'tis \\e odd.\n\\&.so"));
}

TEST_F(Definitions, CompletionOffersEveryCommandAndOption) {
    for (const auto& [name, command] : all_commands(app_)) {
        const auto parent = name.rfind(' ') == std::string::npos ? "" : name.substr(0, name.rfind(' ')) + " ";
        EXPECT_THAT(offered("trivisor " + parent + "''"), HasSubstr(command->get_name()));
        const std::string options = offered("trivisor " + name + " --");
        for (const CLI::Option* option : command->get_options()) {
            for (const auto& spelling : option->get_lnames()) {
                EXPECT_THAT(options, HasSubstr("--" + spelling)) << name;
            }
        }
    }
}

TEST_F(Definitions, CompletionKnowsWhereItIs) {
    EXPECT_EQ(offered("./trivisor men"), "menuconfig\n");
    EXPECT_EQ(offered("./trivisor ta ne"), "new\n");
    EXPECT_EQ(offered("./trivisor ta run --wat"), "--watch\n");
    EXPECT_EQ(offered("./trivisor test sy"), "system\n");
    EXPECT_EQ(offered("./trivisor bench --suite mic"), "micro\n");
    EXPECT_EQ(offered("./trivisor run machines/o"), "\n") << "the shell's own names of files";
}

TEST_F(Definitions, ChoicesAreThoseOfTheCheck) {
    for (const auto& [name, command] : all_commands(app_)) {
        if (name == "completion") {
            EXPECT_THAT(choices(*command->get_option("SHELL")), ElementsAre("bash", "zsh"));
        }
        if (name == "ta new") {
            EXPECT_TRUE(choices(*command->get_option("NAME")).empty());
        }
    }
}

} // namespace
} // namespace trv::tool::commands
