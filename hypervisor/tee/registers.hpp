// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <span>

namespace trv::tee {

/// x0 to x17 of the vCPU that made a call. Only x0 to x3 are written, as by firmware.
using Registers = std::span<u64, 18>;

inline void put(Registers registers, u64 a0, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
    registers[0] = a0;
    registers[1] = a1;
    registers[2] = a2;
    registers[3] = a3;
}

/// The outcome of a trapped call.
struct Outcome {
    enum class Kind : u8 {
        Done,             ///< x0 to x3 are the result for the guest
        ForeignInterrupt, ///< OP-TEE returned because a normal-world interrupt is pending; the call keeps its slot
    };
    Kind kind = Kind::Done;
    u8 slot = 0; ///< of the interrupted call

    [[nodiscard]] static constexpr Outcome done() { return {}; }
    [[nodiscard]] static constexpr Outcome foreign_interrupt(unsigned slot) {
        return {Kind::ForeignInterrupt, static_cast<u8>(slot)};
    }
};

} // namespace trv::tee
