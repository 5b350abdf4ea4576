// SPDX-License-Identifier: Apache-2.0
#pragma once
// What people read: text on the VM's first PL011.

#include "guests/bare/lib/hardware/uart.hpp"
#include "lib/format.hpp"

#include <array>

namespace trv::bare {

/// Below Xen, to be compared with it, a guest has no UART (`console=xen` on the kernel command line): what it prints
/// goes to Xen's console, by hypercall.
[[nodiscard]] bool is_below_xen();

[[nodiscard]] const Uart& console();

void put_text(std::string_view text);

/// "{}" takes the next argument (lib/format.hpp); cut after 256 characters. On the boot vCPU only, so that lines stay
/// whole.
template <typename... Arguments>
void print(std::string_view pattern, const Arguments&... arguments) {
    std::array<char, 256> buffer;
    put_text(format_to(buffer, pattern, arguments...));
}

/// Until all of it has left.
void settle_console();

} // namespace trv::bare
