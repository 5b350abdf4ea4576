// SPDX-License-Identifier: Apache-2.0
#include "tool/console/frames.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace trv::tool::console {
namespace {

using Channels = std::map<Channel, std::string>;

/// Decodes `bytes` cut into pieces of `step` bytes.
Channels decode(std::string_view bytes, std::size_t step) {
    Channels channels;
    FrameDecoder decoder{[&](Channel channel, std::string_view run) { channels[channel] += run; }};
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        decoder.feed(bytes.substr(at, step));
    }
    return channels;
}

TEST(FrameDecoder, StartsOnTheHypervisorsLog) {
    EXPECT_EQ(decode("NOTICE: BL1\n", 100), (Channels{{0, "NOTICE: BL1\n"}}));
}

TEST(FrameDecoder, SwitchesChannelsWhereverTheStreamIsCut) {
    const std::string bytes = "a\x10\x22"
                              "b\x10\x10"
                              "c\x10\x21{}\n\x10\x22"
                              "d";
    const Channels expected{{0, "a"},
                            {1, "{}\n"},
                            {2, "b\x10"
                                "cd"}};
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
        EXPECT_EQ(decode(bytes, step), expected) << step;
    }
}

TEST(FrameDecoder, DropsAnEscapeThatMeansNothing) {
    EXPECT_EQ(decode("a\x10\x01"
                     "b\x10\x7f"
                     "c\x10\xff"
                     "d",
                     1),
              (Channels{{0, "abcd"}}));
}

TEST(FrameDecoder, KnowsTheLastChannel) {
    EXPECT_EQ(decode("\x10\x7e"
                     "z",
                     1),
              (Channels{{94, "z"}}));
}

TEST(FrameDecoder, KeepsTheOrderOfRuns) {
    std::string order;
    FrameDecoder decoder{
        [&](Channel channel, std::string_view run) { order += std::to_string(channel) + std::string{run}; }};
    decoder.feed("\x10\x22x\x10\x24y\x10\x22z");
    EXPECT_EQ(order, "2x4y2z");
}

TEST(FrameEncoder, NamesTheChannelOfEachPiece) {
    EXPECT_EQ(encode_frame(contract::console_channel(0), "ls\n"), "\x10\x22ls\n");
    EXPECT_EQ(encode_frame(contract::console_channel(0), "\x10"), "\x10\x22\x10\x10");
    EXPECT_EQ(encode_frame(contract::agent_channel(1), "x"), "\x10\x25x");
    EXPECT_EQ(encode_frame(contract::agent_channel(1), ""), "");
}

TEST(FrameEncoder, IsUndoneByTheDecoder) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    const std::string stream = encode_frame(5, all) + encode_frame(0, "log") + encode_frame(94, all);
    EXPECT_EQ(decode(stream, 1), (Channels{{0, "log"}, {5, all}, {94, all}}));
}

} // namespace
} // namespace trv::tool::console
