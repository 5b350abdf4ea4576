// SPDX-License-Identifier: Apache-2.0
#include "console/wire/input.hpp"

#include "console/wire/multiplexer.hpp"
#include "lib/log.hpp"

#include <array>

namespace trv::console {

void Input::poll(SerialPort& port, Mode mode, Multiplexer& multiplexer) {
    // Pairs with the release below: the decoders' state goes from one CPU to the next. No CPU needs to wait: the UART
    // keeps its interrupt raised while it holds anything.
    if (busy_.exchange(true, std::memory_order_acquire)) {
        return;
    }
    std::array<u8, max_bytes> bytes;
    const std::size_t count = port.receive(bytes);
    if (mode == Mode::Framed) {
        take_framed(std::span(bytes).first(count), multiplexer);
    } else {
        take_plain(std::span(bytes).first(count), multiplexer);
    }
    busy_.store(false, std::memory_order_release);
}

void Input::take_framed(std::span<const u8> bytes, Multiplexer& multiplexer) {
    std::array<u8, max_bytes> run;
    std::size_t size = 0;
    for (const u8 byte : bytes) {
        const unsigned before = frames_.channel();
        if (const auto data = frames_.decode(byte)) {
            run[size++] = *data;
        } else if (frames_.channel() != before) {
            multiplexer.deliver(before, std::span(run).first(size));
            size = 0;
        }
    }
    multiplexer.deliver(frames_.channel(), std::span(run).first(size));
}

void Input::take_plain(std::span<const u8> bytes, Multiplexer& multiplexer) {
    std::array<u8, max_bytes> run;
    std::size_t size = 0;
    const auto hand_over = [&] {
        multiplexer.deliver(multiplexer.focused(), std::span(run).first(size));
        size = 0;
    };
    for (const u8 byte : bytes) {
        const PlainKey key = keys_.decode(byte);
        switch (key.kind) {
        case PlainKey::Kind::Data:
            run[size++] = key.value;
            break;
        case PlainKey::Kind::Focus:
            hand_over();
            multiplexer.focus_and_say(key.value);
            break;
        case PlainKey::Kind::NoVm:
            log_always("console: no VM 0; VMs are numbered from 1");
            break;
        case PlainKey::Kind::Help:
            log_always(
                "console: Ctrl-] then 1 to 9, or a to g for 10 to 16: that VM; m: the monitor; Ctrl-]: send Ctrl-]");
            break;
        case PlainKey::Kind::Nothing:
            break;
        }
    }
    hand_over();
}

} // namespace trv::console
