// SPDX-License-Identifier: Apache-2.0
#pragma once
// The last words of a machine that panics.

#include "console/wire/serial_port.hpp"
#include "console/wire/wire.hpp"

#include <atomic>
#include <string_view>

namespace trv::console {

class EmergencyOutput {
  public:
    /// From the first write on, no other output may reach the UART, so that the last words stay in one piece.
    [[nodiscard]] bool has_begun() const { return begun_.load(std::memory_order_relaxed); }

    /// Waits for the UART, takes no lock. Context: any, but one CPU only.
    void write(SerialPort& port, Mode mode, unsigned channel, std::string_view text);

  private:
    std::atomic<bool> begun_ = false;
    unsigned channel_ = log_channel; ///< whose text was the last; of the one CPU that panics
};

} // namespace trv::console
