// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/report.hpp"

#include <utility>

namespace trv::bare {
namespace {

constinit Tally tally{};

} // namespace

void pass(std::string_view name) {
    ++tally.passed;
    print("PASS {}\n", name);
}

void fail_because(std::string_view name, std::string_view why) {
    ++tally.failed;
    print("FAIL {}: {}\n", name, why);
}

void check_equal(std::string_view name, u64 actual, u64 expected) {
    check(name, actual == expected, "{} instead of {}", hex(actual), hex(expected));
}

void check_undefined(std::string_view name, const std::optional<Fault>& fault) {
    check(name, fault && fault->is_undefined(), "{} {}", fault ? "another exception, ESR" : "no exception, ESR",
          hex(fault ? fault->syndrome : 0));
}

void check_no_fault(std::string_view name, const std::optional<Fault>& fault) {
    check(name, !fault, "exception, ESR {} FAR {}", hex(fault ? fault->syndrome : 0), hex(fault ? fault->address : 0));
}

void check_external_abort(std::string_view name, const std::optional<Fault>& fault, u64 address) {
    if (!fault) {
        fail_because(name, "no exception");
        return;
    }
    check(name, fault->is_external_abort() && fault->address == address, "ESR {} FAR {} for address {}",
          hex(fault->syndrome), hex(fault->address), hex(address));
}

Tally take_tally() {
    return std::exchange(tally, Tally{});
}

} // namespace trv::bare
