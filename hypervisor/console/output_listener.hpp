// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/types.hpp"

#include <string_view>

namespace trv::console {

/// Learns of output that does not go to the UART, or not only.
class OutputListener {
  public:
    /// A channel that goes to a ring has something new. Context: as ByteSink::send().
    virtual void on_output(unsigned channel) = 0;
    /// An event, with its line end. Context: as Channel::write().
    virtual void on_event(std::string_view line) = 0;

  protected:
    ~OutputListener() = default;
};

} // namespace trv::console
