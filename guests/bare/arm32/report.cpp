// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/arm32/report.hpp"

#include "guest/layout.hpp"
#include "guests/bare/lib/hardware/power.hpp"

namespace trv::bare::arm32 {
namespace {

constinit u32 passed = 0;
constinit u32 failed = 0;

/// Of a PL011 [PL011 TRM DDI0183, 3.2].
volatile u32& uart_register(u32 offset) {
    return *reinterpret_cast<volatile u32*>(static_cast<u32>(guest::console_base.value) + offset);
}

void wait_while(u32 flag) {
    constexpr u32 flags = 0x18;
    while ((uart_register(flags) & flag) != 0) {
    }
}

void put(char c) {
    constexpr u32 transmit_full = 1 << 5;
    wait_while(transmit_full);
    uart_register(0) = static_cast<u8>(c);
}

void put(std::string_view text) {
    for (const char c : text) {
        put(c);
    }
}

void put_hex(u64 value) {
    put("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
        put("0123456789abcdef"[value >> shift & 0xf]);
    }
}

/// Below 100.
void put_small(u32 value) {
    if (value >= 10) {
        put(static_cast<char>('0' + value / 10));
    }
    put(static_cast<char>('0' + value % 10));
}

} // namespace

void check(std::string_view name, bool good, u64 found) {
    put(good ? "PASS " : "FAIL ");
    put(name);
    if (!good) {
        put(": ");
        put_hex(found);
    }
    put('\n');
    ++(good ? passed : failed);
}

void end() {
    constexpr u32 busy = 1 << 3;
    put("SUMMARY arm32: ");
    put_small(passed);
    put(" passed, ");
    put_small(failed);
    put(" failed\n");
    wait_while(busy);
    power::system_off();
}

/// @param number of the vector: 1 is an undefined instruction, 3 a prefetch abort, 4 a data abort, 6 an interrupt
extern "C" [[noreturn]] void arm32_exception(u32 number, u32 address) {
    check("no exception", false, u64{number} << 32 | address);
    end();
}

} // namespace trv::bare::arm32
