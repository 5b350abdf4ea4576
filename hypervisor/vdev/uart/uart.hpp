// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's serial port: a PL011 with a channel of the console behind it.
//
//     serial@9000000 {
//         compatible = "arm,pl011", "arm,primecell";
//         reg = <0 0x9000000 0 0x1000>;
//         interrupts = <0 1 4>; // an SPI, its number, active high
//         clocks = <&clock>, <&clock>;
//         clock-names = "uartclk", "apb_pclk";
//     };

#include "vdev/device.hpp"
#include "vdev/uart/vpl011.hpp"

#include <string_view>

namespace trv::vdev {

class Uart final : public Device {
  public:
    /// @param number of the channel
    /// @param label  prefix of its lines in plain mode; must outlive the device
    Uart(console::Multiplexer& multiplexer, unsigned number, std::string_view label)
        : channel_(multiplexer, number, label) {}
    ~Uart() override { channel_.detach(); }
    Uart(const Uart&) = delete;
    Uart& operator=(const Uart&) = delete;

    [[nodiscard]] Result<void> attach(DeviceContext& context) override;
    void reset() override { model_.reset(); }
    void describe(TreeWriter& tree) const override;
    /// Once what the VM wrote last is sent.
    [[nodiscard]] bool try_release() override { return channel_.try_detach(); }

  private:
    console::GuestChannel channel_;
    Line line_;
    VPl011 model_{channel_, line_};
    IpaRange window_;
};

} // namespace trv::vdev
