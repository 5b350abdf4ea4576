// SPDX-License-Identifier: Apache-2.0
#include "tool/console/frame_encoder.hpp"

namespace trv::tool::console {

std::string encode_frame(Channel channel, std::string_view text) {
    if (text.empty()) {
        return {};
    }
    std::string frame{escape_byte, static_cast<char>(channel_base + channel)};
    for (const char byte : text) {
        frame += byte;
        if (byte == escape_byte) {
            frame += byte;
        }
    }
    return frame;
}

} // namespace trv::tool::console
