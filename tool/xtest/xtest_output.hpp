// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::xtest {

/// One test case of OP-TEE's xtest, without its subcases.
struct XtestCase {
    enum class Verdict { Running, Passed, Failed, Skipped };
    std::string name{};  // "regression_1001"
    std::string title{}; // "Core self tests"
    Verdict verdict = Verdict::Running;
    double seconds = 0;                // host time
    std::string first_error{};         // file and line, of a failed one
    std::vector<std::string> output{}; // its output, up to a limit; only of a failed case
};

/// What xtest counts itself. Its subtests are the comparisons, not the subcases.
struct XtestTotals {
    std::uint64_t subtests = 0;
    std::uint64_t failed_subtests = 0;
    std::uint64_t cases = 0;
    std::uint64_t failed_cases = 0;
    std::uint64_t skipped_cases = 0;
};

/// Parses xtest's output line by line. Lines from other sources in between, such as the kernel's, are ignored.
class XtestOutput {
  public:
    /// @param seconds  host time, of any start
    /// @return         the case that ended with this line; valid until the next call
    const XtestCase* on_line(std::string_view line, double seconds);

    /// Whether the line before was one of xtest's own.
    [[nodiscard]] bool is_inside() const { return inside_; }

    [[nodiscard]] const std::vector<XtestCase>& cases() const { return cases_; }
    /// Only if xtest finished.
    [[nodiscard]] const std::optional<XtestTotals>& totals() const { return totals_; }

    /// At least one case ran, none failed or hung, and xtest's totals agree.
    [[nodiscard]] bool good() const;
    [[nodiscard]] std::uint64_t count(XtestCase::Verdict verdict) const;

  private:
    [[nodiscard]] XtestCase* running();
    [[nodiscard]] XtestCase* find(std::string_view name);
    const XtestCase* end_case(std::string_view name, std::string_view verdict, double seconds);
    void take_summary(std::string_view line);
    bool take_totals(std::string_view line);

    std::vector<XtestCase> cases_;
    std::optional<XtestTotals> totals_;
    XtestTotals counted_;
    double started_ = 0; // of the running case
    bool inside_ = false;
    bool summary_ = false;
};

} // namespace trv::tool::xtest
