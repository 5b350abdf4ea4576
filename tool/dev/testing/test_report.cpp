// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/test_report.hpp"

#include <fmt/format.h>

namespace trv::tool::dev::testing {

void TestReport::passed(std::string_view test, double seconds) {
    ++passed_;
    fmt::print(out_, "pass  {} ({:.1f} s)\n", test, seconds);
    std::fflush(out_);
}

void TestReport::failed(std::string_view test, double seconds, std::string_view reason) {
    ++failed_;
    fmt::print(out_, "FAIL  {} ({:.1f} s)\n", test, seconds);
    while (!reason.empty()) {
        const std::size_t end = std::min(reason.find('\n'), reason.size());
        fmt::print(out_, "      {}\n", reason.substr(0, end));
        reason.remove_prefix(std::min(end + 1, reason.size()));
    }
    std::fflush(out_);
}

void TestReport::add(unsigned passed, unsigned failed) {
    passed_ += passed;
    failed_ += failed;
}

bool TestReport::note(std::string_view tests, const Result<void>& ran) {
    if (!ran) {
        failed(tests, 0, to_string(ran.error()));
    }
    return ran.has_value();
}

std::string TestReport::summary() const {
    return fmt::format("{} passed, {} failed", passed_, failed_);
}

} // namespace trv::tool::dev::testing
