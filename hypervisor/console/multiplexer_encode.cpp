// SPDX-License-Identifier: Apache-2.0
// How bytes look on the wire, in frames and on a terminal.

#include "arch/wait.hpp"
#include "console/multiplexer.hpp"

namespace trv::console {
namespace {

constexpr std::size_t longest_prefix = 40;
constexpr std::string_view separator = "| ";
/// A line break, a prefix and a byte with its escape or carriage return.
static_assert(2 + longest_prefix + separator.size() + 2 < OutputStage::capacity);

} // namespace

/// Makes `channel` the one that the following bytes belong to. Precondition: the stage is empty.
void Multiplexer::select(unsigned channel) {
    if (channel == current_) {
        return;
    }
    if (mode_ == Mode::Framed) {
        stage_.put(contract::encode_switch(channel));
    } else if (line_open_) {
        stage_.put("\r\n");
    }
    current_ = channel;
    run_ = 0;
    line_open_ = false;
}

/// Sends one data byte of the current channel, or stages what the UART does not take.
void Multiplexer::encode(const Channel& channel, u8 byte, SerialPort& port) {
    if (mode_ == Mode::Framed) {
        if (byte == contract::frame_escape || !stage_.pass(byte, port)) {
            stage_.put(contract::encode_data(byte));
        }
    } else {
        if (!line_open_ && channel.number() != focus_.load(std::memory_order_relaxed)) {
            stage_.put(channel.name().substr(0, longest_prefix));
            stage_.put(separator);
        }
        // Terminals want a carriage return, which serial consoles of guests send and our own lines do not.
        if (byte == '\n' && last_ != '\r') {
            stage_.put('\r');
        }
        stage_.put(byte);
    }
    line_open_ = byte != '\n';
    run_ = !line_open_ ? 0 : run_ >= max_run ? 1 : run_ + 1;
    last_ = byte;
    (void)stage_.flush(port);
}

void Multiplexer::send_now(u8 byte) {
    SerialPort* const port = port_.load(std::memory_order_acquire);
    for (unsigned i = 0; i < patience; ++i) {
        if (port->send_room() != 0) {
            port->send(byte);
            return;
        }
        arch::relax();
    }
}

void Multiplexer::send_all_now(const contract::FrameBytes& encoded) {
    for (u8 i = 0; i < encoded.count; ++i) {
        send_now(encoded.bytes[i]);
    }
}

void Multiplexer::emergency_write(unsigned channel, std::string_view text) {
    if (port_.load(std::memory_order_acquire) == nullptr) {
        return;
    }
    const bool framed = mode_ == Mode::Framed;
    const bool first = !emergency_.exchange(true);
    if (first) {
        // Others see the flag at their next byte; one that is just being sent gets the time to leave.
        for (unsigned i = 0; i < 1000; ++i) {
            arch::relax();
        }
        // Whatever escape sequence was cut short ends here, and the line, too.
        send_now('\r');
        send_now('\n');
    }
    if (framed && (first || channel != emergency_channel_)) {
        send_all_now(contract::encode_switch(channel));
    }
    emergency_channel_ = channel;
    for (const char c : text) {
        if (framed) {
            send_all_now(contract::encode_data(static_cast<u8>(c)));
        } else {
            if (c == '\n') {
                send_now('\r');
            }
            send_now(static_cast<u8>(c));
        }
    }
}

} // namespace trv::console
