// SPDX-License-Identifier: Apache-2.0
// The way in: from the UART to the peers of the channels.

#include "console/multiplexer.hpp"
#include "lib/log.hpp"

namespace trv::console {

void Multiplexer::poll_input() {
    SerialPort* const port = port_.load(std::memory_order_acquire);
    // Pairs with the release below: the decoders' state goes from one CPU to the next. No CPU needs to wait: the UART
    // keeps its interrupt raised while it holds anything.
    if (port == nullptr || input_busy_.exchange(true, std::memory_order_acquire)) {
        return;
    }
    std::array<u8, max_input> bytes;
    const std::size_t count = port->receive(bytes);
    if (mode_ == Mode::Framed) {
        take_framed(std::span(bytes).first(count));
    } else {
        take_plain(std::span(bytes).first(count));
    }
    input_busy_.store(false, std::memory_order_release);
}

void Multiplexer::take_framed(std::span<const u8> bytes) {
    std::array<u8, max_input> run;
    std::size_t size = 0;
    for (const u8 byte : bytes) {
        const unsigned before = frames_.channel();
        if (const auto data = frames_.decode(byte)) {
            run[size++] = *data;
        } else if (frames_.channel() != before) {
            deliver(before, std::span(run).first(size));
            size = 0;
        }
    }
    deliver(frames_.channel(), std::span(run).first(size));
}

void Multiplexer::take_plain(std::span<const u8> bytes) {
    std::array<u8, max_input> run;
    std::size_t size = 0;
    const auto hand_over = [&] {
        deliver(focus_.load(std::memory_order_relaxed), std::span(run).first(size));
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
            focus(key.value);
            announce_focus();
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

void Multiplexer::announce_focus() {
    const unsigned number = focus_.load(std::memory_order_relaxed);
    std::array<char, 40> name;
    std::size_t size = 0;
    {
        const Guard delivery(slots_[number].delivery); // without it, a channel cannot go
        if (const Channel* const channel = slots_[number].channel.load(std::memory_order_relaxed)) {
            size = channel->name().copy(name.data(), name.size());
        }
    }
    if (size != 0) {
        log_always("console: focus on {}", std::string_view(name.data(), size));
    } else {
        log_always("console: focus on VM {}, which does not exist", contract::vm_of(number) + 1);
    }
}

void Multiplexer::deliver(unsigned channel, std::span<const u8> bytes) {
    if (bytes.empty() || channel >= max_channels) {
        return;
    }
    Slot& slot = slots_[channel];
    const Guard delivery(slot.delivery);
    if (slot.peer != nullptr) {
        slot.peer->receive(bytes);
    }
}

} // namespace trv::console
