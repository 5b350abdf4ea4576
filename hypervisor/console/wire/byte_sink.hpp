// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <cstddef>

namespace trv::console {

/// The destination of a device model's output. One model feeds one sink.
class ByteSink {
  public:
    /// The number of bytes that put() accepts now. Other CPUs can only increase it. Takes no lock.
    [[nodiscard]] virtual std::size_t space() const = 0;
    /// Queues a byte; quick, so that the model may hold its lock. One caller at a time.
    /// @return false if the sink is full; the byte was not accepted
    [[nodiscard]] virtual bool put(u8 byte) = 0;
    /// Sends what was put, as far as it may go now: as slow as the device behind it.
    /// Context: the model's lock is not held.
    virtual void send() = 0;

  protected:
    ~ByteSink() = default;
};

} // namespace trv::console
