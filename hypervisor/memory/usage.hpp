#pragma once
// Who has how much memory, for statistics and balance checks.

#include "memory/frame_table.hpp"

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

/// A snapshot; numbers of different owners may be moments apart.
[[nodiscard]] Usage usage_of(const FrameTable& table);

/// One log line for each owner that has a frame or a pin.
void log_usage(const Usage& usage);

} // namespace trv::memory
