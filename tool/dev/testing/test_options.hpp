// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace trv::tool::dev::testing {

/// What the user asked `test` for.
struct TestOptions {
    std::string suite{};                    // unit, fuzz, system; empty: all
    std::string filter{};                   // regular expression that a test's name must contain
    bool full = false;                      // also the tests that take long
    std::optional<unsigned> fuzz_seconds{}; // for each target

    [[nodiscard]] bool wants(std::string_view name) const { return suite.empty() || suite == name; }
};

} // namespace trv::tool::dev::testing
