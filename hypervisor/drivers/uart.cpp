// SPDX-License-Identifier: Apache-2.0
#include "drivers/uart.hpp"

#include "generated/option/uart_cadence.hpp"
#include "lib/log.hpp"

#include <array>

namespace trv::drivers {

// Each in the file of its name.
Uart* make_pl011(Va registers);
Uart* make_cadence(Va registers);

namespace {

struct Driver {
    std::string_view compatible;
    Uart* (*make)(Va registers); ///< null if the heap has no room
};

constexpr auto drivers = [] {
    constexpr Driver pl011{"arm,pl011", make_pl011};
    if constexpr (option::uart_cadence) {
        return std::array{pl011, Driver{"cdns,uart-r1p12", make_cadence}};
    } else {
        return std::array{pl011};
    }
}();

constexpr auto compatibles = [] {
    std::array<std::string_view, drivers.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) {
        names[i] = drivers[i].compatible;
    }
    return names;
}();

} // namespace

std::span<const std::string_view> uart_compatibles() {
    return compatibles;
}

Result<Unique<Uart>> make_uart(std::string_view compatible, Va registers) {
    for (const Driver& driver : drivers) {
        if (driver.compatible == compatible) {
            Unique<Uart> made(driver.make(registers));
            if (!made) {
                return fail(Error::NoMemory);
            }
            return made;
        }
    }
    panic("a UART without a driver");
}

} // namespace trv::drivers
