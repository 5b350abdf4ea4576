#pragma once

#include "lib/types.hpp"

#include <cstddef>

namespace trv::console {

/// Where a device model's output goes. One model feeds one sink.
class ByteSink {
  public:
    /// How many bytes put() takes now. Another CPU can only make it grow. Takes no lock.
    [[nodiscard]] virtual std::size_t space() const = 0;
    /// Queues a byte; quick, so that the model may hold its lock. One caller at a time.
    /// @return false if the sink is full; the byte was not taken
    [[nodiscard]] virtual bool put(u8 byte) = 0;
    /// Sends what was put, as far as it may go now: as slow as the device behind it.
    /// Context: the model's lock is not held.
    virtual void send() = 0;

  protected:
    ~ByteSink() = default;
};

} // namespace trv::console
