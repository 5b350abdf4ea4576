// SPDX-License-Identifier: Apache-2.0
#include "console/wire/plain_input.hpp"

#include "console/wire/channel.hpp"

namespace trv::console {

PlainKey PlainInput::decode(u8 byte) {
    if (!escaped_) {
        escaped_ = byte == escape_key;
        return escaped_ ? PlainKey{PlainKey::Kind::Nothing} : PlainKey{PlainKey::Kind::Data, byte};
    }
    escaped_ = false;
    const auto focus = [](unsigned channel) { return PlainKey{PlainKey::Kind::Focus, static_cast<u8>(channel)}; };
    if (byte >= '1' && byte <= '9') {
        return focus(console_channel(byte - '1'));
    }
    if (byte >= 'a' && byte <= 'g') {
        return focus(console_channel(byte - 'a' + 9U));
    }
    if (byte == '0') {
        return {PlainKey::Kind::NoVm};
    }
    if (byte == 'm') {
        return focus(event_channel);
    }
    if (byte == escape_key) {
        return {PlainKey::Kind::Data, byte};
    }
    return {PlainKey::Kind::Help};
}

} // namespace trv::console
