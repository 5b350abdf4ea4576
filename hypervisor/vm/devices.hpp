// SPDX-License-Identifier: Apache-2.0
#pragma once
// The devices of one VM, its interrupt controller first: made from its description, attached, reset, described to the
// guest, and released in one place.

#include "guest/layout.hpp"
#include "lib/time/wall_clock.hpp"
#include "lib/unique.hpp"
#include "machine/description.hpp"
#include "vdev/device.hpp"
#include "vdev/gic/vgic.hpp"

#include <array>
#include <optional>

namespace trv::console {
class Multiplexer;
}

namespace trv::vm {

struct Belongings;
class Firmware;

/// What devices are made from.
struct DeviceSource {
    const machine::VmDescription& vm; ///< its label must outlive them
    console::Multiplexer& multiplexer;
    const std::optional<WallClock>& wall_clock;
    const guest::Layout& layout;
    const Belongings* belongings = nullptr; ///< none: it has the machine's console
    IpaRange bank{};                        ///< lent by the host; empty: none
    Firmware* firmware = nullptr;           ///< none: it starts a kernel
};

class Devices {
  public:
    static constexpr unsigned max_devices = 16; ///< beside the interrupt controller

    /// @param gic it and `exits` must outlive the devices
    Devices(vdev::VGic& gic, vdev::DeferredExits& exits) : gic_(gic), exits_(exits) {}

    /// Makes and attaches those that a VM of this description has. Context: once, before the VM runs.
    Result<void> create(const DeviceSource& source);

    [[nodiscard]] vdev::MmioBus& bus() { return bus_; }
    /// Calls use(Device&) for each, in the order of their nodes in the guest's tree.
    template <typename Use>
    void for_each(Use use) const {
        use(static_cast<vdev::Device&>(gic_));
        for (const Unique<vdev::Device>& device : devices_) {
            if (device) {
                use(*device);
            }
        }
    }
    /// @return whether all have let go of what they hold outside of the VM; if not, try again
    [[nodiscard]] bool try_release();

  private:
    Result<void> attach(vdev::Device& device, const vdev::Place& place);

    vdev::VGic& gic_;
    vdev::DeferredExits& exits_;
    vdev::MmioBus bus_;
    vdev::FreePlaces free_{};
    std::array<Unique<vdev::Device>, max_devices> devices_;
};

} // namespace trv::vm
