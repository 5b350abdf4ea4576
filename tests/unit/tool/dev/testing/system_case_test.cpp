// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_checks.hpp"
#include "tool/dev/testing/suites.hpp"
#include "tool/dev/testing/system_case.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace trv::tool::dev::testing {
namespace {

using ::testing::HasSubstr;

TEST(SystemCase, IsReadFromToml) {
    const auto cases = parse_cases(R"(
[[case]]
name = "one"
arguments = ["run", "m.toml"]
terminal = true
exit_code = 130
limit = 60
dialogue = [{ expect = "# $" }, { send = "ls\n" }, { signal = "INT" }, { run = ["vm", "list"] }]
prepare = "true"
verify = "test -s vm.log"
output.has = ["^a"]
log.vm.lacks = ["panic"]
json."/vms/vm/status" = "ok"
json."/vms/vm/boot_seconds" = { at_most = 0.05 }
)",
                                   "cases.toml");
    ASSERT_TRUE(cases) << to_string(cases.error());
    ASSERT_EQ(cases->size(), 1U);
    const SystemCase& one = cases->front();
    EXPECT_EQ(one.name, "one");
    EXPECT_TRUE(one.terminal);
    EXPECT_FALSE(one.full);
    EXPECT_EQ(one.exit_code, 130);
    ASSERT_EQ(one.dialogue.size(), 4U);
    EXPECT_EQ(one.dialogue[3].arguments.size(), 2U);
    EXPECT_EQ(one.prepare, "true");
    EXPECT_EQ(one.verify, "test -s vm.log");
    EXPECT_EQ(one.dialogue[1].text, "ls\n");
    EXPECT_EQ(one.dialogue[2].signal, SIGINT);
    EXPECT_EQ(one.logs.at("vm").lacks.size(), 1U);
    EXPECT_EQ(one.json.size(), 2U);
}

TEST(SystemCase, MistakesAreNamed) {
    EXPECT_THAT(
        to_string(parse_cases("[[case]]\nname = \"x\"\narguments = [\"run\"]\ntimeout = 3\n", "c.toml").error()),
        HasSubstr("c.toml:4:1: case.timeout: unknown key"));
    EXPECT_FALSE(parse_cases("[[case]]\nname = \"x\"\n", "c.toml"));
    EXPECT_FALSE(parse_cases("[[case]]\nname = \"x\"\narguments = [\"run\"]\ndialogue = [{ wait = 3 }]\n", "c.toml"));
    EXPECT_FALSE(parse_cases("[[case", "c.toml"));
}

TEST(CaseChecks, LookAtLines) {
    EXPECT_EQ(check_text("log", "one\r\ntwo\n", {.has = {"^one$", "^two$"}, .lacks = {"three"}}), "");
    EXPECT_EQ(check_text("log", "one\n", {.has = {"^two$"}, .lacks = {"on"}}),
              "log: no line matches /^two$/\nlog: a line matches /on/: one\n");
}

TEST(CaseChecks, LookIntoJson) {
    const std::string json = R"({"a":{"b":0.5,"c":"x","d":null}})";
    EXPECT_EQ(check_json(json, {{.pointer = "/a/b", .at_most = 0.6}, {.pointer = "/a/c", .equals = "x"}}), "");
    EXPECT_EQ(check_json(json, {{.pointer = "/a/d", .equals = "null"}}), "");
    EXPECT_EQ(check_json(json, {{.pointer = "/a/b", .at_most = 0.4}}), "JSON: /a/b is 0.5\n");
    EXPECT_EQ(check_json(json, {{.pointer = "/z", .equals = true}}), "JSON: /z is missing\n");
    EXPECT_EQ(check_json("", {}), "");
}

TEST(UnitTests, CountsComeFromCtestsSummary) {
    EXPECT_EQ(ctest_counts("100% tests passed, 0 tests failed out of 120"), (std::pair{120U, 0U}));
    EXPECT_EQ(ctest_counts("50% tests passed, 1 tests failed out of 2"), (std::pair{1U, 1U}));
    EXPECT_EQ(ctest_counts("Total Test time (real) = 3.0 sec"), std::nullopt);
}

} // namespace
} // namespace trv::tool::dev::testing
