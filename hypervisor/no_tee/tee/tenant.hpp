// SPDX-License-Identifier: Apache-2.0
#pragma once
// Replaces tee/tenant.hpp in an image without OP-TEE. No tenant ever exists: its functions only let the code that would
// use one compile, and the compiler then removes that code.

#include "tee/guest_memory.hpp"
#include "tee/registers.hpp"
#include "tee/statistics.hpp"
#include "tee/trace.hpp"

#include <utility>

namespace trv::tee {

class Tenant {
  public:
    Tenant() = delete;

    /// No call is for a TEE: all are refused like any unknown call.
    [[nodiscard]] static constexpr bool is_for_tee(u32) { return false; }

    Outcome call(Registers, unsigned) { std::unreachable(); }
    Outcome resume_absorbed(unsigned, Registers) { std::unreachable(); }
    Outcome deliver_foreign_interrupt(unsigned, Registers) { std::unreachable(); }
    void silence() { std::unreachable(); }
    bool end_step() { std::unreachable(); }
    [[nodiscard]] bool offers_notifications() const { std::unreachable(); }
    [[nodiscard]] u16 id() const { std::unreachable(); }
    [[nodiscard]] const Statistics& statistics() const { std::unreachable(); }
    [[nodiscard]] Usage usage() const { std::unreachable(); }
    void set_trace(TraceHook*) { std::unreachable(); }
};

} // namespace trv::tee
