// SPDX-License-Identifier: Apache-2.0
#include "contract/frames.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trv::contract {
namespace {

using Seen = std::vector<std::pair<unsigned, std::uint8_t>>;

Seen decode(std::string_view stream) {
    FrameDecoder decoder;
    Seen seen;
    for (const char c : stream) {
        if (const auto data = decoder.decode(static_cast<std::uint8_t>(c))) {
            seen.emplace_back(decoder.channel(), *data);
        }
    }
    return seen;
}

TEST(Frames, StartOnChannelZero) {
    EXPECT_EQ(decode("a"), (Seen{{0, 'a'}}));
}

TEST(Frames, SwitchChannels) {
    EXPECT_EQ(decode("\x10\x22"
                     "a\x10\x20"
                     "b"),
              (Seen{{2, 'a'}, {0, 'b'}}));
}

TEST(Frames, CarryTheEscapeItself) {
    EXPECT_EQ(decode("\x10\x10"), (Seen{{0, 0x10}}));
}

TEST(Frames, DropUnknownEscapes) {
    EXPECT_EQ(decode("\x10\x7f\x10\x01\x10\x1f"
                     "a"),
              (Seen{{0, 'a'}}));
}

TEST(Frames, ReachTheLastChannel) {
    EXPECT_EQ(decode("\x10\x7e"
                     "a"),
              (Seen{{94, 'a'}}));
}

TEST(Frames, EncodeWhatTheyDecode) {
    std::string stream;
    Seen expected;
    for (unsigned channel = 0; channel < frame_channels; ++channel) {
        const FrameBytes change = encode_switch(channel);
        stream.append(reinterpret_cast<const char*>(change.bytes.data()), change.count);
        for (unsigned byte = 0; byte < 256; ++byte) {
            const FrameBytes data = encode_data(static_cast<std::uint8_t>(byte));
            stream.append(reinterpret_cast<const char*>(data.bytes.data()), data.count);
            expected.emplace_back(channel, static_cast<std::uint8_t>(byte));
        }
    }
    EXPECT_EQ(decode(stream), expected);
}

} // namespace
} // namespace trv::contract
