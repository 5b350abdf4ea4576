// SPDX-License-Identifier: Apache-2.0
#include "tool/console/frame_decoder.hpp"

namespace trv::tool::console {

void FrameDecoder::feed(std::string_view bytes) {
    for (const char byte : bytes) {
        if (escaped_) {
            after_escape(byte);
        } else if (byte == escape_byte) {
            escaped_ = true;
        } else {
            run_ += byte;
        }
    }
    flush();
}

void FrameDecoder::after_escape(char byte) {
    escaped_ = false;
    if (byte == escape_byte) {
        run_ += escape_byte;
        return;
    }
    if (byte < channel_base || byte > channel_base + last_channel) {
        return; // not a switch: the contract drops it together with its escape
    }
    const auto next = static_cast<Channel>(byte - channel_base);
    if (next != channel_) {
        flush();
        channel_ = next;
    }
}

void FrameDecoder::flush() {
    if (run_.empty()) {
        return;
    }
    sink_(channel_, run_);
    run_.clear();
}

} // namespace trv::tool::console
