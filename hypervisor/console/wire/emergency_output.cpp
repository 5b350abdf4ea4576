// SPDX-License-Identifier: Apache-2.0
#include "console/wire/emergency_output.hpp"

#include "arch/cpu/wait.hpp"
#include "contract/frames.hpp"

namespace trv::console {
namespace {

void send_now(SerialPort& port, u8 byte) {
    for (unsigned i = 0; i < patience; ++i) {
        if (port.send_room() != 0) {
            port.send(byte);
            return;
        }
        arch::relax();
    }
}

void send_all_now(SerialPort& port, const contract::FrameBytes& encoded) {
    for (u8 i = 0; i < encoded.count; ++i) {
        send_now(port, encoded.bytes[i]);
    }
}

} // namespace

void EmergencyOutput::write(SerialPort& port, Mode mode, unsigned channel, std::string_view text) {
    const bool first = !begun_.exchange(true);
    if (first) {
        // Others see the flag at their next byte; one that is just being sent gets the time to leave.
        for (unsigned i = 0; i < 1000; ++i) {
            arch::relax();
        }
        // Whatever escape sequence was cut short ends here, and the line, too.
        send_now(port, '\r');
        send_now(port, '\n');
    }
    const bool framed = mode == Mode::Framed;
    if (framed && (first || channel != channel_)) {
        send_all_now(port, contract::encode_switch(channel));
    }
    channel_ = channel;
    for (const char c : text) {
        if (framed) {
            send_all_now(port, contract::encode_data(static_cast<u8>(c)));
        } else {
            if (c == '\n') {
                send_now(port, '\r');
            }
            send_now(port, static_cast<u8>(c));
        }
    }
}

} // namespace trv::console
