// SPDX-License-Identifier: Apache-2.0
#include "vdev/uart/uart.hpp"

#include "vdev/bindings.hpp"

namespace trv::vdev {

Result<void> Uart::attach(DeviceContext& context) {
    line_ = TRY(context.line());
    window_ = TRY(context.map(VPl011::window_size, model_));
    return channel_.attach(&model_);
}

void Uart::describe(TreeWriter& tree) const {
    tree.begin_at("serial", window_.base.value);
    tree.texts("compatible", "arm,pl011\0arm,primecell");
    tree.numbers("reg", {window_.base.value, window_.size});
    tree.cells("interrupts", {gic_spi, line_.intid().value - first_spi, level_high});
    tree.cells("clocks", {clock_phandle, clock_phandle});
    tree.texts("clock-names", "uartclk\0apb_pclk");
    tree.end();
}

} // namespace trv::vdev
