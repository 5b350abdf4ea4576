// SPDX-License-Identifier: Apache-2.0
#pragma once
// The secure service of an image without any: it claims no call, and no VM has a share of it.

#include "lib/result.hpp"
#include "lib/types.hpp"
#include "memory/physical/frame_table.hpp"

namespace trv::tee::none {

class Mediator {
  public:
    /// All calls are refused like any unknown call.
    [[nodiscard]] static constexpr bool claims(u32) { return false; }
    [[nodiscard]] static Result<void> start(PaRange, memory::FrameTable&, const auto&) {
        return fail(Error::Unsupported);
    }
    [[nodiscard]] static constexpr bool has_notifications() { return false; }
    static void notification_interrupt() {}
};

} // namespace trv::tee::none
