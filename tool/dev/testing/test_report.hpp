// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <cstdio>
#include <string>
#include <string_view>

namespace trv::tool::dev::testing {

/// Prints each test's verdict and keeps the count.
class TestReport {
  public:
    explicit TestReport(std::FILE* out) : out_{out} {}

    void passed(std::string_view test, double seconds);
    /// @param reason  may have several lines
    void failed(std::string_view test, double seconds, std::string_view reason);
    /// Tests whose verdicts another program printed.
    void add(unsigned passed, unsigned failed);
    /// What kept tests from running counts as one that failed. Returns whether nothing did.
    bool note(std::string_view tests, const Result<void>& ran);

    /// "N passed, N failed"
    [[nodiscard]] std::string summary() const;
    [[nodiscard]] bool good() const { return failed_ == 0; }
    [[nodiscard]] bool empty() const { return passed_ + failed_ == 0; }

  private:
    std::FILE* out_;
    unsigned passed_ = 0;
    unsigned failed_ = 0;
};

} // namespace trv::tool::dev::testing
