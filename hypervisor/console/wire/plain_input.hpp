// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a person types at a plain terminal: everything goes to the channel in focus, but for an escape key.

#include "lib/types.hpp"

#include <optional>

namespace trv::console {

inline constexpr u8 escape_key = 0x1d; ///< Ctrl-]

/// What a typed byte means.
struct PlainKey {
    enum class Kind : u8 {
        Data,    ///< `value` is for the channel in focus
        Focus,   ///< `value` is the channel to focus
        NoVm,    ///< a number that no VM has
        Help,    ///< explain the keys
        Nothing, ///< half of a key, or an unknown one
    };
    Kind kind;
    u8 value = 0;
};

/// After the escape key: 1 to 9 and a to g focus the console of the first to the sixteenth VM (counted from 1, as the
/// tool's keys are), m the monitor, the escape key is itself, and anything else explains.
class PlainInput {
  public:
    [[nodiscard]] PlainKey decode(u8 byte);

  private:
    bool escaped_ = false;
};

} // namespace trv::console
