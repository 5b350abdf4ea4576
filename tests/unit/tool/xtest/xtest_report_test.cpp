// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/tool/xtest/recorded_output.hpp"
#include "tool/xtest/xtest_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::tool::xtest {
namespace {

using testing::AllOf;
using testing::HasSubstr;

XtestOutput output_of(std::string_view text) {
    XtestOutput output;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        output.on_line(text.substr(0, end), 0);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return output;
}

run::VmSession session_with(int exit_code) {
    run::VmSession vm{{.name = "alpha", .commands = {"xtest"}}};
    vm.on_running(1);
    EXPECT_TRUE(vm.on_agent({.kind = contract::agent::Reply::Hello, .code = 1}, 1));
    EXPECT_FALSE(vm.on_agent({.kind = contract::agent::Reply::Exit, .id = 1, .code = exit_code}, 2));
    return vm;
}

const XtestResult good{.vm = "beta", .output = output_of(recorded_success), .log = "beta.log"};
const XtestResult bad{.vm = "alpha", .output = output_of(recorded_failure), .log = "alpha.log"};

TEST(XtestReport, ShowsATable) {
    const auto table = xtest_table({good, bad});
    EXPECT_THAT(table, AllOf(HasSubstr("beta   ok      2       0       0        731       0\n"),
                             HasSubstr("alpha  FAILED  0       2       0        36        26\n"),
                             HasSubstr("alpha: regression_1006 failed at ./host/xtest/regression_1000.c:618\n")));
    EXPECT_EQ(xtest_table({good}).find("\n\n"), std::string::npos);
}

TEST(XtestReport, WritesJson) {
    const auto json = nlohmann::json::parse(xtest_json({good, bad}));
    EXPECT_EQ(json["status"], "failed");
    EXPECT_EQ(json["vms"]["beta"]["status"], "ok");
    EXPECT_EQ(json["vms"]["beta"]["subtests"], 731);
    EXPECT_EQ(json["vms"]["beta"]["cases"][0]["name"], "regression_1001");
    EXPECT_EQ(json["vms"]["alpha"]["cases"][1]["status"], "failed");
}

TEST(XtestReport, WritesJUnit) {
    XtestResult strange = bad;
    strange.trouble = "a <\"&'> \x01 \xff";
    const auto xml = xtest_junit({good, strange});
    EXPECT_THAT(xml, AllOf(HasSubstr("<testsuite name=\"beta\" tests=\"2\" failures=\"0\" errors=\"0\""),
                           HasSubstr("<testcase classname=\"beta.pkcs11\" name=\"pkcs11_1001\" time=\"0.000\">"),
                           HasSubstr("<failure message=\"./host/xtest/regression_1000.c:618\">./host/xtest/"),
                           HasSubstr("(&amp;session)"), HasSubstr("tests=\"3\" failures=\"2\" errors=\"1\""),
                           HasSubstr("message=\"a &lt;&quot;&amp;'&gt; ? \xef\xbf\xbd\"")));
}

TEST(XtestResult, TellsWhatKeptXtestFromItsWork) {
    EXPECT_TRUE(make_result(session_with(0), output_of(recorded_success), "").good());
    EXPECT_FALSE(make_result(session_with(2), output_of(recorded_failure), "").good());
    EXPECT_EQ(make_result(session_with(2), output_of(recorded_failure), "").trouble, "") << "the cases say it";
    EXPECT_THAT(make_result(session_with(69), {}, "").trouble, HasSubstr("no /dev/tee0"));
    EXPECT_THAT(make_result(session_with(139), output_of(recorded_success.substr(0, 400)), "").trouble,
                HasSubstr("did not finish (exit code 139)"));
    EXPECT_THAT(make_result(session_with(1), output_of(recorded_success), "").trouble, HasSubstr("exit code 1"));
    run::VmSession crashed{{.name = "alpha", .commands = {"xtest"}}};
    crashed.on_machine_gone();
    EXPECT_THAT(make_result(crashed, {}, "").trouble, HasSubstr("did not finish: not-run"));
}

TEST(XtestCommand, QuotesArguments) {
    EXPECT_THAT(xtest_command({"-t", "it's"}), testing::EndsWith("; xtest '-t' 'it'\\''s'"));
}

} // namespace
} // namespace trv::tool::xtest
