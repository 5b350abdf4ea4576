// SPDX-License-Identifier: Apache-2.0
#include "console/wire/wire.hpp"

namespace trv::console {
namespace {

constexpr std::size_t longest_prefix = 40;
constexpr std::string_view separator = "| ";
/// A line break, a prefix and a byte with its escape or carriage return.
static_assert(2 + longest_prefix + separator.size() + 2 < OutputStage::capacity);

} // namespace

void Wire::begin(Mode mode) {
    mode_ = mode;
    if (mode == Mode::Framed) {
        // Any of firmware's output may have looked like the first half of a switch.
        stage_.put(contract::encode_switch(current_));
    }
}

void Wire::select(unsigned channel) {
    if (channel == current_) {
        return;
    }
    if (is_framed()) {
        stage_.put(contract::encode_switch(channel));
    } else if (line_open_) {
        stage_.put("\r\n");
    }
    current_ = channel;
    run_ = 0;
    line_open_ = false;
}

void Wire::send(u8 byte, std::string_view prefix, SerialPort& port) {
    if (is_framed()) {
        if (byte == contract::frame_escape || !stage_.pass(byte, port)) {
            stage_.put(contract::encode_data(byte));
        }
    } else {
        if (!line_open_ && !prefix.empty()) {
            stage_.put(prefix.substr(0, longest_prefix));
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

} // namespace trv::console
