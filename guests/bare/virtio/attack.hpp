// SPDX-License-Identifier: Apache-2.0
#pragma once
// Attacks on a device and who serves it. One has failed, which is a PASS, if it had its defined result, and a driver that
// does what it should works afterwards.

#include "guests/bare/lib/report.hpp"
#include "guests/bare/virtio/disk.hpp"

namespace trv::bare::virtio {

/// What went wrong; empty: nothing.
using Verdict = std::string_view;
inline constexpr Verdict good{};

template <typename Body>
void attack(std::string_view name, Body body) {
    static constinit u64 seed = 0;
    Verdict verdict = body();
    if (verdict == good) {
        verdict = disk.be_honest(++seed);
    }
    check(name, verdict == good, "{}", verdict);
}

/// An attack in many variants, named after both.
template <typename Body>
void attack(std::string_view name, std::string_view variant, Body body) {
    std::array<char, 120> whole;
    attack(format_to(whole, "{}: {}", name, variant), body);
}

} // namespace trv::bare::virtio
