#pragma once

namespace trv::boot {

/// From here on, faults and panics are told on the console; before, on the build's early UART if it has one.
void console_is_up();

} // namespace trv::boot
