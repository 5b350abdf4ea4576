#pragma once

namespace trv::vdev {

/// The wire from a device model to the virtual interrupt controller.
class InterruptLine {
  public:
    /// Level as the device drives it; repeating a level is harmless.
    virtual void set(bool asserted) = 0;

  protected:
    ~InterruptLine() = default;
};

} // namespace trv::vdev
