// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verdicts: a line for each check, counted until the summary.

#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/fault.hpp"

namespace trv::bare {

struct Tally {
    unsigned passed = 0;
    unsigned failed = 0;
};

void pass(std::string_view name);
void fail_because(std::string_view name, std::string_view why);

/// PASS, or FAIL with the text that `pattern` makes.
template <typename... Arguments>
void check(std::string_view name, bool good, std::string_view pattern, const Arguments&... arguments) {
    if (good) {
        pass(name);
        return;
    }
    std::array<char, 160> why;
    fail_because(name, format_to(why, pattern, arguments...));
}

void check_equal(std::string_view name, u64 actual, u64 expected);
/// For tests that did `what` within attempt().
void check_undefined(std::string_view name, const std::optional<Fault>& fault);
void check_no_fault(std::string_view name, const std::optional<Fault>& fault);
/// @param address the accessed address, which FAR_EL1 must have
void check_external_abort(std::string_view name, const std::optional<Fault>& fault, u64 address);

/// What has been counted since the last call.
Tally take_tally();

} // namespace trv::bare
