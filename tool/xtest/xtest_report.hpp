// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/xtest/xtest_result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::xtest {

/// A table with one line of totals per VM, followed by every case that did not pass.
[[nodiscard]] std::string xtest_table(const std::vector<XtestResult>& results);

/// For other programs: {"status", "vms": {NAME: {"status", "cases": […], …}}}.
[[nodiscard]] std::string xtest_json(const std::vector<XtestResult>& results);

/// JUnit's XML, one test suite per VM.
[[nodiscard]] std::string xtest_junit(const std::vector<XtestResult>& results);

} // namespace trv::tool::xtest
