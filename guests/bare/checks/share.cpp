// SPDX-License-Identifier: Apache-2.0
// What a neighbour leaves of the CPU: a loop without a single exit, counted window by window.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/words.hpp"

#include <algorithm>
#include <array>

namespace trv::bare::checks {
namespace {

constexpr u32 most_windows = 64;

/// Some thousand instructions. The counter is read only between two of them: an emulator takes its time for that.
void one_round() {
    for (u32 i = 0; i < 2000; ++i) {
        asm volatile("" : "+r"(i));
    }
}

u64 rounds_until(u64 end) {
    u64 rounds = 0;
    for (; now() < end; ++rounds) {
        one_round();
    }
    return rounds;
}

} // namespace

/// `share [WINDOWS]`, of a quarter of a second each; output is kept until the end, since it would cost exits.
void share(std::string_view arguments) {
    const u32 windows = std::min(parse_number(take_word(arguments)).value_or(4), most_windows);
    std::array<u64, most_windows> rounds{};
    const u64 begin = now();
    for (u32 i = 0; i < windows; ++i) {
        rounds[i] = rounds_until(begin + (i + 1) * (frequency() / 4));
    }
    for (u32 i = 0; i < windows; ++i) {
        print("window {}: {} rounds\n", i, rounds[i]);
    }
}

} // namespace trv::bare::checks
