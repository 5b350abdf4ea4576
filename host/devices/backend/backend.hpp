// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

namespace trv::host::devices {

/// How a program is to end.
enum class Ending {
    InOrder, ///< soon: what it has only in its memory is written first
    AtOnce,
};

/// Seconds that an end in order may take.
inline constexpr int orderly_end = 5;

/// The program that serves a device. From start() to stop() it is started again whenever it ends.
class Backend {
  public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    /// Starts it, in the place of one that another program left.
    [[nodiscard]] virtual tool::Result<void> start() = 0;
    /// The same, again and again until it can be started.
    virtual void resume() = 0;
    /// It has answered, and serves from now on.
    virtual void has_served() = 0;
    /// Ends it at once; it starts again soon.
    virtual void kill() = 0;
    /// Begins its end, and that of one that another program left; it has ended when it does not run any more.
    virtual void stop(Ending ending) = 0;
    [[nodiscard]] virtual bool runs() = 0;
};

} // namespace trv::host::devices
