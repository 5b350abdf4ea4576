#pragma once
// What people read: text on the VM's first PL011.

#include "guests/bare/lib/uart.hpp"
#include "lib/format.hpp"

#include <array>

namespace trv::bare {

[[nodiscard]] const Uart& console();

/// "{}" takes the next argument (lib/format.hpp); cut after 256 characters. On the boot vCPU only, so that lines stay
/// whole.
template <typename... Arguments>
void print(std::string_view pattern, const Arguments&... arguments) {
    std::array<char, 256> buffer;
    console().put(format_to(buffer, pattern, arguments...));
}

} // namespace trv::bare
