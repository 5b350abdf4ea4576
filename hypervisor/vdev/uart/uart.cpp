// SPDX-License-Identifier: Apache-2.0
#include "vdev/uart/uart.hpp"

#include "vdev/bindings.hpp"

namespace trv::vdev {

void describe_uart(TreeWriter& tree, IpaRange window, IntId interrupt) {
    tree.begin_at("serial", window.base.value);
    tree.texts("compatible", "arm,pl011\0arm,primecell");
    tree.numbers("reg", {window.base.value, window.size});
    tree.cells("interrupts", {gic_spi, interrupt.value - first_spi, level_high});
    tree.cells("clocks", {clock_phandle, clock_phandle});
    tree.texts("clock-names", "uartclk\0apb_pclk");
    tree.end();
}

} // namespace trv::vdev
