// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who has how much memory: for tests that nothing is lost.

#include "memory/physical/frame_table.hpp"

#include <array>

namespace trv::memory {

struct Usage {
    struct Share {
        u64 frames = 0;
        u64 pins = 0;
        bool operator==(const Share&) const = default;
    };

    std::array<Share, frame_owners> by_owner{};

    [[nodiscard]] const Share& of(FrameOwner owner) const { return by_owner[static_cast<unsigned>(owner)]; }
    bool operator==(const Usage&) const = default;
};

[[nodiscard]] inline Usage usage_of(const FrameTable& table) {
    Usage usage;
    for (unsigned i = 0; i < frame_owners; ++i) {
        const auto owner = static_cast<FrameOwner>(i);
        usage.by_owner[i] = {table.frames_of(owner), table.pins_of(owner)};
    }
    return usage;
}

} // namespace trv::memory
