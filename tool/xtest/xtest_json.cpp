// SPDX-License-Identifier: Apache-2.0
#include "tool/xtest/xtest_report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace trv::tool::xtest {

namespace {

using nlohmann::ordered_json;

const char* word_for(XtestCase::Verdict verdict) {
    switch (verdict) {
    case XtestCase::Verdict::Passed:
        return "ok";
    case XtestCase::Verdict::Failed:
        return "failed";
    case XtestCase::Verdict::Skipped:
        return "skipped";
    case XtestCase::Verdict::Running:
        break;
    }
    return "did-not-end";
}

ordered_json case_json(const XtestCase& one) {
    ordered_json object{
        {"name", one.name}, {"title", one.title}, {"status", word_for(one.verdict)}, {"seconds", one.seconds}};
    if (!one.first_error.empty()) {
        object["first_error"] = one.first_error;
    }
    if (!one.output.empty()) {
        object["output"] = one.output;
    }
    return object;
}

ordered_json result_json(const XtestResult& result) {
    ordered_json object{{"status", result.good() ? "ok" : "failed"}, {"log", result.log}};
    if (!result.trouble.empty()) {
        object["trouble"] = result.trouble;
    }
    if (const auto& totals = result.output.totals()) {
        object["subtests"] = totals->subtests;
        object["failed_subtests"] = totals->failed_subtests;
        object["test_cases"] = totals->cases;
        object["failed_test_cases"] = totals->failed_cases;
    }
    object["cases"] = ordered_json::array();
    for (const auto& one : result.output.cases()) {
        object["cases"].push_back(case_json(one));
    }
    return object;
}

} // namespace

std::string xtest_json(const std::vector<XtestResult>& results) {
    ordered_json vms = ordered_json::object();
    for (const auto& result : results) {
        vms[result.vm] = result_json(result);
    }
    const bool good = std::ranges::all_of(results, &XtestResult::good);
    const ordered_json object{{"status", good ? "ok" : "failed"}, {"vms", std::move(vms)}};
    return object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

} // namespace trv::tool::xtest
