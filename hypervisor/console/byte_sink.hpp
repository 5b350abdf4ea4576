#pragma once

#include "lib/types.hpp"

#include <cstddef>

namespace trv::console {

/// Where a device model's output goes. One model feeds one sink.
class ByteSink {
  public:
    /// How many bytes put() takes now. Another CPU can only make it grow. Takes no lock.
    [[nodiscard]] virtual std::size_t space() const = 0;
    /// @return false if the sink is full; the byte was not taken
    [[nodiscard]] virtual bool put(u8 byte) = 0;

  protected:
    ~ByteSink() = default;
};

} // namespace trv::console
