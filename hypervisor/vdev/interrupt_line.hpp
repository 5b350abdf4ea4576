// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/intid.hpp"

namespace trv::vdev {

/// The wire from a device model to the virtual interrupt controller.
class InterruptLine {
  public:
    /// Sets the level of the input; repeating a level has no effect.
    virtual void set(bool asserted) = 0;
    /// The guest's name of it: an SPI.
    [[nodiscard]] virtual IntId intid() const = 0;

  protected:
    ~InterruptLine() = default;
};

} // namespace trv::vdev
