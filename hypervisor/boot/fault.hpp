// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace trv::boot {

/// From here on, faults and panics are reported on the console; before, on the build's early UART if it has one.
void console_is_up();

/// Prints a line that explains why the machine stops, wherever panics are printed. A panic follows.
void last_words(std::string_view line);

} // namespace trv::boot
