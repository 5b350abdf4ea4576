// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/console.hpp"

#include "guest/layout.hpp"
#include "guests/bare/lib/hardware/calls.hpp"
#include "guests/bare/lib/machine.hpp"

namespace trv::bare {
namespace {

/// CONSOLEIO_write [Xen, public/xen.h, public/arch-arm.h: number in x16, arguments from x0 on, HVC 0xea1].
void write_to_xen(std::string_view text) {
    CallRegisters registers{0, text.size(), reinterpret_cast<u64>(text.data())};
    registers[16] = 18;
    bare_hvc_xen(registers.data());
}

} // namespace

bool is_below_xen() {
    return option("console") == "xen";
}

const Uart& console() {
    static constexpr Uart uart(guest::console_base.value);
    return uart;
}

void put_text(std::string_view text) {
    if (is_below_xen()) {
        write_to_xen(text);
    } else {
        console().put(text);
    }
}

void settle_console() {
    if (!is_below_xen()) {
        console().settle();
    }
}

} // namespace trv::bare
