// SPDX-License-Identifier: Apache-2.0
#include "vm/devices.hpp"

#include "contract/channels.hpp"
#include "generated/option/firmware.hpp"
#include "generated/option/gicv2.hpp"
#include "generated/option/manager.hpp"
#include "generated/option/virtio.hpp"
#include "memory/heap.hpp"
#include "vdev/rtc/vpl031.hpp"
#include "vdev/uart/uart.hpp"
#include "vdev/virtio/bus.hpp"
#include "vm/firmware.hpp"
#include "vm/host/belongings.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

using Made = Result<Unique<vdev::Device>>;

template <typename Kind, typename... Arguments>
Made make(Arguments&&... arguments) {
    return Unique<vdev::Device>(TRY(memory::make<Kind>(std::forward<Arguments>(arguments)...)));
}

Made make_console(const DeviceSource& source) {
    if constexpr (option::manager) {
        if (source.belongings != nullptr) {
            return make<vdev::HostUart>(*source.belongings->console);
        }
    }
    return make<vdev::Uart>(source.multiplexer, contract::console_channel(source.vm.index), source.vm.label);
}

Made make_agent_port(const DeviceSource& source) {
    if constexpr (option::manager) {
        if (source.belongings != nullptr) {
            return make<vdev::HostUart>(*source.belongings->agent);
        }
    }
    return make<vdev::Uart>(source.multiplexer, contract::agent_channel(source.vm.index), source.vm.label);
}

Made make_rtc(const DeviceSource& source) {
    if (source.vm.devices == machine::DeviceSet::All) { // it has the machine's
        return Unique<vdev::Device>();
    }
    return source.wall_clock ? make<vdev::VPl031>(*source.wall_clock) : Unique<vdev::Device>();
}

Made make_virtio(const DeviceSource& source) {
    if constexpr (option::virtio) {
        if (!source.bank.empty()) {
            return make<vdev::VirtioBus>(source.belongings->io->slots, source.bank);
        }
    }
    return Unique<vdev::Device>();
}

Made make_flash(const DeviceSource& source) {
    if constexpr (option::firmware) {
        if (source.firmware != nullptr) {
            return make<vdev::CfiFlash>(*source.firmware);
        }
    }
    return Unique<vdev::Device>();
}

Made make_fw_cfg(const DeviceSource& source) {
    if constexpr (option::firmware) {
        if (source.firmware != nullptr) {
            return make<vdev::FwCfg>(*source.firmware);
        }
    }
    return Unique<vdev::Device>();
}

vdev::Place console_place(const guest::Layout& layout) {
    return {{layout.console}, IntId(layout.console_intid)};
}

vdev::Place agent_place(const guest::Layout& layout) {
    return {{layout.agent}, IntId(layout.agent_intid)};
}

vdev::Place rtc_place(const guest::Layout&) {
    return {{guest::rtc_base}};
}

vdev::Place flash_place(const guest::Layout&) {
    return {{guest::flash_base}};
}

vdev::Place fw_cfg_place(const guest::Layout&) {
    return {{guest::fw_cfg_base}};
}

vdev::Place virtio_place(const guest::Layout&) {
    return {{guest::virtio_base}};
}

/// A kind of device: makes one, or nothing for a VM without it; and where it is in the guest.
struct Row {
    Made (*make)(const DeviceSource& source);
    vdev::Place (*place)(const guest::Layout& layout);
};

constexpr Row rows[] = {
    {make_console, console_place}, {make_agent_port, agent_place}, {make_rtc, rtc_place},
    {make_virtio, virtio_place},   {make_flash, flash_place},      {make_fw_cfg, fw_cfg_place},
};
static_assert(std::size(rows) <= Devices::max_devices);

} // namespace

Result<void> Devices::create(const DeviceSource& source) {
    const guest::Layout& layout = source.layout;
    const u32 first_free = std::max(layout.first_free_intid, machine::end_of_passed(source.vm));
    free_ = {layout.free, IntId(first_free), IntId(gic_.interrupts())};
    TRY(attach(gic_, {{layout.gicd, option::gicv2 ? layout.gicc + page_size : layout.gicr}}));
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        devices_[i] = TRY(rows[i].make(source));
        if (devices_[i]) {
            TRY(attach(*devices_[i], rows[i].place(layout)));
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
