// SPDX-License-Identifier: Apache-2.0
#include "tool/xtest/xtest_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace trv::tool::xtest {

namespace {

/// XML cannot represent control characters or invalid UTF-8: they become question marks.
std::string escaped(std::string_view text) {
    // The JSON library replaces invalid UTF-8.
    const nlohmann::json json{std::string{text}};
    const auto clean = nlohmann::json::parse(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::string result;
    for (const char letter : clean.front().get<std::string>()) {
        switch (letter) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            result += static_cast<unsigned char>(letter) < 0x20 && letter != '\n' && letter != '\t' ? '?' : letter;
        }
    }
    return result;
}

std::string case_body(const XtestCase& one) {
    if (one.verdict == XtestCase::Verdict::Passed) {
        return "";
    }
    if (one.verdict == XtestCase::Verdict::Skipped) {
        return "<skipped/>";
    }
    const std::string message = one.verdict == XtestCase::Verdict::Running ? "did not finish" : one.first_error;
    return fmt::format("<failure message=\"{}\">{}</failure>", escaped(message),
                       escaped(fmt::format("{}", fmt::join(one.output, "\n"))));
}

std::string suite(const XtestResult& result) {
    std::string cases;
    double seconds = 0;
    for (const auto& one : result.output.cases()) {
        seconds += one.seconds;
        cases += fmt::format("    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{:.3f}\">{}</testcase>\n",
                             escaped(result.vm), escaped(one.name.substr(0, one.name.rfind('_'))), escaped(one.name),
                             one.seconds, case_body(one));
    }
    std::size_t errors = 0;
    if (!result.trouble.empty()) {
        errors = 1;
        cases += fmt::format("    <testcase classname=\"{}\" name=\"xtest\"><error message=\"{}\"/></testcase>\n",
                             escaped(result.vm), escaped(result.trouble));
    }
    using Verdict = XtestCase::Verdict;
    return fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
                       "time=\"{:.3f}\">\n{}  </testsuite>\n",
                       escaped(result.vm), result.output.cases().size() + errors,
                       result.output.count(Verdict::Failed) + result.output.count(Verdict::Running), errors,
                       result.output.count(Verdict::Skipped), seconds, cases);
}

} // namespace

std::string xtest_junit(const std::vector<XtestResult>& results) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"xtest\">\n";
    for (const auto& result : results) {
        text += suite(result);
    }
    return text + "</testsuites>\n";
}

} // namespace trv::tool::xtest
