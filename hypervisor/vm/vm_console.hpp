// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's two PL011s and their channels: the first is the VM's console, the second the guest agent's port.

#include "console/console.hpp"
#include "guest/layout.hpp"
#include "sched/per_cpu.hpp"
#include "vdev/gic/vgic.hpp"
#include "vdev/uart/vpl011.hpp"
#include "vm/mmio_bus.hpp"

#include <string_view>

namespace trv::vm {

class VmConsole {
  public:
    /// @param vm    index of the VM, which selects its channels
    /// @param label must outlive the console
    VmConsole(vdev::VGic& gic, unsigned vm, std::string_view label)
        : console_(gic, console::console_channel(vm), label, IntId(guest::console_intid)),
          agent_(gic, console::agent_channel(vm), label, IntId(guest::agent_intid)) {}

    Result<void> connect(MmioBus& bus) {
        TRY(console_.connect(bus, guest::console_base));
        return agent_.connect(bus, guest::agent_base);
    }

    /// Lets go of the console once what the VM wrote last is sent, or a UART that takes nothing has had its time.
    /// @return whether it has; if not, try again
    bool close(u64 now, u64 until) {
        const auto is_closed = [&](Port& port) {
            return now >= until || console::multiplexer().try_detach(port.channel);
        };
        const bool console_closed = is_closed(console_);
        return is_closed(agent_) && console_closed;
    }

    void reset() {
        console_.uart.reset();
        agent_.uart.reset();
    }

  private:
    /// The guest's side of a UART: its output may wait for a line end.
    struct Registers final : vdev::MmioDevice {
        explicit Registers(vdev::VPl011& device) : uart(device) {}
        u64 read(const vdev::MmioAccess& access) override { return uart.read(access); }
        void write(const vdev::MmioAccess& access, u64 value) override {
            uart.write(access, value);
            sched::this_cpu().watch_console();
        }
        vdev::VPl011& uart;
    };

    struct Port {
        Port(vdev::VGic& gic, unsigned number, std::string_view label, IntId intid)
            : channel(console::multiplexer(), number, label), line(gic, intid), uart(channel, line) {}
        ~Port() { console::multiplexer().detach(channel); }
        Port(const Port&) = delete;
        Port& operator=(const Port&) = delete;

        Result<void> connect(MmioBus& bus, Ipa base) {
            TRY(bus.attach({base, vdev::VPl011::window_size}, registers));
            return console::multiplexer().attach(channel, &uart);
        }

        console::GuestChannel channel;
        vdev::VGic::Line line;
        vdev::VPl011 uart;
        Registers registers{uart};
    };

    Port console_;
    Port agent_;
};

} // namespace trv::vm
