// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's serial port: a PL011 with a channel of the console behind it, or with a program of the host.
//
//     serial@9000000 {
//         compatible = "arm,pl011", "arm,primecell";
//         reg = <0 0x9000000 0 0x1000>;
//         interrupts = <0 1 4>; // an SPI, its number, active high
//         clocks = <&clock>, <&clock>;
//         clock-names = "uartclk", "apb_pclk";
//     };

#include "console/host_line.hpp"
#include "console/wire/channel.hpp"
#include "vdev/device.hpp"
#include "vdev/uart/vpl011.hpp"

#include <string_view>

namespace trv::vdev {

/// Writes the node.
void describe_uart(TreeWriter& tree, IpaRange window, IntId interrupt);

/// @tparam End what is behind it, or a reference to that
template <typename End>
class UartWith final : public Device {
  public:
    template <typename... Arguments>
    explicit UartWith(Arguments&&... arguments) : end_(std::forward<Arguments>(arguments)...) {}
    ~UartWith() override { end_.detach(); }
    UartWith(const UartWith&) = delete;
    UartWith& operator=(const UartWith&) = delete;

    [[nodiscard]] Result<void> attach(DeviceContext& context) override {
        line_ = TRY(context.line());
        window_ = TRY(context.map(VPl011::window_size, model_));
        return end_.attach(&model_);
    }
    void reset() override { model_.reset(); }
    void describe(TreeWriter& tree) const override { describe_uart(tree, window_, line_.intid()); }
    /// Once what the VM wrote last is sent.
    [[nodiscard]] bool try_release() override { return end_.try_detach(); }

  private:
    End end_;
    Line line_;
    VPl011 model_{end_, line_};
    IpaRange window_;
};

/// From a multiplexer, the number of a channel, and the prefix of its lines in plain mode, which must outlive it.
using Uart = UartWith<console::GuestChannel>;
using HostUart = UartWith<console::HostLine&>;

} // namespace trv::vdev
