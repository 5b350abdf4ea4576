// SPDX-License-Identifier: Apache-2.0
#include "tool/xtest/xtest_output.hpp"

#include <algorithm>
#include <charconv>

namespace trv::tool::xtest {

namespace {

using Verdict = XtestCase::Verdict;

constexpr std::size_t kept_lines = 40;
constexpr std::string_view first_line = "TEE test application started";
constexpr std::string_view last_line = "TEE test application done!";
constexpr std::string_view result_line = "Result of testsuite ";
constexpr std::string_view error_words = " first error at ";

std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

/// "regression_1001" or "regression_4007_dh": what a case, not a subcase (which has a dot), is called.
bool is_case_name(std::string_view word) {
    const std::string_view number = word.substr(std::min(word.find('_'), word.size()));
    return number.size() > 1 && number[1] >= '0' && number[1] <= '9' && !word.contains('.');
}

std::optional<Verdict> verdict_for(std::string_view word) {
    if (word == "OK") {
        return Verdict::Passed;
    }
    if (word == "FAILED") {
        return Verdict::Failed;
    }
    return word == "SKIPPED" ? std::optional{Verdict::Skipped} : std::nullopt;
}

std::optional<std::uint64_t> number(std::string_view word) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc{} && end == word.data() + word.size() ? std::optional{value} : std::nullopt;
}

} // namespace

const XtestCase* XtestOutput::on_line(std::string_view line, double seconds) {
    inside_ = inside_ || line.starts_with(first_line);
    if (!inside_) {
        return nullptr;
    }
    if (line.starts_with(last_line)) {
        totals_ = counted_;
        inside_ = false;
        summary_ = false;
        return nullptr;
    }
    if (line.starts_with(result_line)) {
        summary_ = true;
    }
    if (summary_) {
        take_summary(line);
        return nullptr;
    }
    if (line.starts_with("* ")) {
        line.remove_prefix(2);
        const std::string_view name = take_word(line);
        if (is_case_name(name)) {
            cases_.push_back({.name = std::string{name}, .title = std::string{line}});
            started_ = seconds;
        }
        return nullptr;
    }
    if (line.starts_with("  ")) {
        std::string_view rest = line.substr(2);
        const std::string_view name = take_word(rest);
        if (const XtestCase* ended = end_case(name, rest, seconds)) {
            return ended;
        }
    }
    if (XtestCase* current = running(); current != nullptr && current->output.size() < kept_lines) {
        current->output.emplace_back(line);
    }
    return nullptr;
}

const XtestCase* XtestOutput::end_case(std::string_view name, std::string_view word, double seconds) {
    XtestCase* current = running();
    const auto verdict = verdict_for(word);
    if (current == nullptr || current->name != name || !verdict) {
        return nullptr;
    }
    current->verdict = *verdict;
    current->seconds = seconds - started_;
    if (current->verdict != Verdict::Failed) {
        current->output.clear();
    }
    return current;
}

/// "regression_1006 FAILED first error at …": of cases and subcases. It also decides a case whose own line was damaged.
void XtestOutput::take_summary(std::string_view line) {
    if (take_totals(line)) {
        return;
    }
    const std::string_view name = take_word(line);
    XtestCase* of = find(name.substr(0, name.find('.')));
    if (of == nullptr) {
        return;
    }
    const std::size_t at = line.find(error_words);
    if (at != std::string_view::npos && of->first_error.empty()) {
        of->first_error = line.substr(at + error_words.size());
    }
    if (of->verdict == Verdict::Running && of->name == name) {
        of->verdict = verdict_for(take_word(line)).value_or(Verdict::Running);
    }
}

/// "36 subtests of which 26 failed", "1 test case of which 0 failed", "135 test cases were skipped"
bool XtestOutput::take_totals(std::string_view line) {
    const auto count = number(take_word(line));
    if (!count) {
        return false;
    }
    const std::string_view what = take_word(line);
    if (what.starts_with("subtest")) {
        counted_.subtests += *count;
    } else if (what == "test" && line.ends_with(" skipped")) {
        counted_.skipped_cases += *count;
        return true;
    } else if (what == "test") {
        counted_.cases += *count;
    } else {
        return false;
    }
    const std::size_t which = line.find("which ");
    line.remove_prefix(which == std::string_view::npos ? line.size() : which + 6);
    const std::uint64_t failed = number(take_word(line)).value_or(0);
    (what == "test" ? counted_.failed_cases : counted_.failed_subtests) += failed;
    return true;
}

XtestCase* XtestOutput::running() {
    return !cases_.empty() && cases_.back().verdict == Verdict::Running ? &cases_.back() : nullptr;
}

XtestCase* XtestOutput::find(std::string_view name) {
    const auto found = std::ranges::find(cases_.rbegin(), cases_.rend(), name, &XtestCase::name);
    return found == cases_.rend() ? nullptr : &*found;
}

std::uint64_t XtestOutput::count(Verdict verdict) const {
    return static_cast<std::uint64_t>(std::ranges::count(cases_, verdict, &XtestCase::verdict));
}

bool XtestOutput::good() const {
    const std::uint64_t passed = count(Verdict::Passed);
    return !inside_ && totals_ && passed > 0 && passed + count(Verdict::Skipped) == cases_.size() &&
           totals_->failed_cases == 0 && totals_->failed_subtests == 0;
}

} // namespace trv::tool::xtest
