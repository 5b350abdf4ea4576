// SPDX-License-Identifier: Apache-2.0
#include "tool/console/demultiplexer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace trv::tool::console {
namespace {

struct Recorder final : Listener {
    void on_bytes(Channel channel, std::string_view seen) override { bytes[channel] += seen; }
    void on_line(Channel channel, const std::string& line) override { lines.emplace_back(channel, line); }
    std::array<std::string, 95> bytes;
    std::vector<std::pair<Channel, std::string>> lines;
};

TEST(Demultiplexer, KeepsLinesOfChannelsApart) {
    Recorder recorder;
    Demultiplexer demultiplexer{recorder};
    demultiplexer.feed("\x10\x22hel\x10\x24other\r\n\x10\x22lo\n$ ");
    EXPECT_THAT(recorder.lines, testing::ElementsAre(std::pair{Channel{4}, "other"}, std::pair{Channel{2}, "hello"}));
    EXPECT_EQ(recorder.bytes[2], "hello\n$ ");
    demultiplexer.finish();
    EXPECT_EQ(recorder.lines.back(), (std::pair<Channel, std::string>{2, "$ "}));
    EXPECT_EQ(recorder.lines.size(), 3U);
}

} // namespace
} // namespace trv::tool::console
