// SPDX-License-Identifier: Apache-2.0
#include "tool/console/frames.hpp"

namespace trv::tool::console {

namespace {

void append(std::string& stream, const contract::FrameBytes& encoded) {
    stream.append(encoded.bytes.begin(), encoded.bytes.begin() + encoded.count);
}

} // namespace

void FrameDecoder::feed(std::string_view bytes) {
    for (const char byte : bytes) {
        const Channel before = decoder_.channel();
        if (const auto data = decoder_.decode(static_cast<std::uint8_t>(byte))) {
            run_ += static_cast<char>(*data);
        } else if (decoder_.channel() != before) {
            flush(before);
        }
    }
    flush(decoder_.channel());
}

void FrameDecoder::flush(Channel channel) {
    if (run_.empty()) {
        return;
    }
    sink_(channel, run_);
    run_.clear();
}

std::string encode_frame(Channel channel, std::string_view text) {
    std::string frame;
    if (!text.empty()) {
        append(frame, contract::encode_switch(channel));
    }
    for (const char byte : text) {
        append(frame, contract::encode_data(static_cast<std::uint8_t>(byte)));
    }
    return frame;
}

} // namespace trv::tool::console
