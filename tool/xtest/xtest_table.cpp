// SPDX-License-Identifier: Apache-2.0
#include "tool/support/text_table.hpp"
#include "tool/xtest/xtest_report.hpp"

#include <fmt/format.h>

namespace trv::tool::xtest {

namespace {

std::string problems(const XtestResult& result) {
    std::string text;
    if (!result.trouble.empty()) {
        text += fmt::format("{}: {}\n", result.vm, result.trouble);
    }
    for (const auto& one : result.output.cases()) {
        if (one.verdict == XtestCase::Verdict::Failed) {
            text += fmt::format("{}: {} failed{}{}\n", result.vm, one.name, one.first_error.empty() ? "" : " at ",
                                one.first_error);
        } else if (one.verdict == XtestCase::Verdict::Running) {
            text += fmt::format("{}: {} did not finish\n", result.vm, one.name);
        }
    }
    return text;
}

} // namespace

std::string xtest_table(const std::vector<XtestResult>& results) {
    TextTable table{{"VM", "result", "passed", "failed", "skipped", "subtests", "failed"}};
    std::string details;
    for (const auto& result : results) {
        using Verdict = XtestCase::Verdict;
        const XtestOutput& output = result.output;
        const auto totals = output.totals().value_or(XtestTotals{});
        table.add({result.vm, result.good() ? "ok" : "FAILED", std::to_string(output.count(Verdict::Passed)),
                   std::to_string(output.count(Verdict::Failed) + output.count(Verdict::Running)),
                   std::to_string(output.count(Verdict::Skipped)), std::to_string(totals.subtests),
                   std::to_string(totals.failed_subtests)});
        details += problems(result);
    }
    return table.text() + (details.empty() ? "" : "\n" + details);
}

} // namespace trv::tool::xtest
