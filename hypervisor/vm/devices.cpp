// SPDX-License-Identifier: Apache-2.0
#include "vm/devices.hpp"

#include "contract/channels.hpp"
#include "memory/heap.hpp"
#include "vdev/rtc/vpl031.hpp"
#include "vdev/uart/uart.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

using Made = Result<Unique<vdev::Device>>;

template <typename Kind, typename... Arguments>
Made make(Arguments&&... arguments) {
    return Unique<vdev::Device>(TRY(memory::make<Kind>(std::forward<Arguments>(arguments)...)));
}

Made make_console(const DeviceSource& source) {
    return make<vdev::Uart>(source.multiplexer, contract::console_channel(source.vm.index), source.vm.label);
}

Made make_agent_port(const DeviceSource& source) {
    return make<vdev::Uart>(source.multiplexer, contract::agent_channel(source.vm.index), source.vm.label);
}

Made make_rtc(const DeviceSource& source) {
    return source.wall_clock ? make<vdev::VPl031>(*source.wall_clock) : Unique<vdev::Device>();
}

/// A kind of device: makes one, or nothing for a VM without it; and where it is in the guest.
struct Row {
    Made (*make)(const DeviceSource& source);
    vdev::Place place;
};

constexpr Row rows[] = {
    {make_console, {{guest::console_base}, IntId(guest::console_intid)}},
    {make_agent_port, {{guest::agent_base}, IntId(guest::agent_intid)}},
    {make_rtc, {{guest::rtc_base}}},
};
static_assert(std::size(rows) <= Devices::max_devices);

} // namespace

Result<void> Devices::create(const DeviceSource& source) {
    free_.first_interrupt = IntId(std::max(guest::first_free_intid, machine::end_of_passed(source.vm)));
    TRY(attach(gic_, {{guest::gicd_base, guest::gicr_base}}));
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        devices_[i] = TRY(rows[i].make(source));
        if (devices_[i]) {
            TRY(attach(*devices_[i], rows[i].place));
        }
    }
    return {};
}

Result<void> Devices::attach(vdev::Device& device, const vdev::Place& place) {
    vdev::DeviceContext context(bus_, gic_, exits_, free_, place);
    return device.attach(context);
}

bool Devices::try_release() {
    bool all = true;
    for_each([&all](vdev::Device& device) { all = device.try_release() && all; });
    return all;
}

} // namespace trv::vm
