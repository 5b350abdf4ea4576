// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace trv::tool::dev::bench {

/// What the same guest runs on, to be compared.
enum class Peer {
    Bare,     ///< nothing between TF-A and Linux, with OP-TEE as it is built for that: the limit
    Xen,      ///< as the kernel of Xen's dom0, with Xen's OP-TEE mediator
    Trivisor, ///< in a VM
};

inline constexpr std::array all_peers{Peer::Bare, Peer::Xen, Peer::Trivisor};

[[nodiscard]] constexpr std::string_view name(Peer peer) {
    switch (peer) {
    case Peer::Bare:
        return "bare";
    case Peer::Xen:
        return "xen";
    case Peer::Trivisor:
        break;
    }
    return "trivisor";
}

/// How time is kept in the machine.
enum class Clock {
    Icount, ///< one instruction takes 1 ns: exact, whatever the host does
    Wall,   ///< the host's time
};

inline constexpr std::array all_clocks{Clock::Icount, Clock::Wall};

[[nodiscard]] constexpr std::string_view name(Clock clock) {
    return clock == Clock::Icount ? "icount" : "wall";
}

/// Whether a choice of peers, or of clocks, has one of them.
template <typename Value>
[[nodiscard]] bool has(const std::vector<Value>& choice, Value value) {
    return std::ranges::find(choice, value) != choice.end();
}

} // namespace trv::tool::dev::bench
