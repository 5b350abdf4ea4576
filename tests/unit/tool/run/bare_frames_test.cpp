// SPDX-License-Identifier: Apache-2.0
#include "contract/channels.hpp"
#include "tool/console/demultiplexer.hpp"
#include "tool/run/bare_frames.hpp"
#include "tool/run/session/hypervisor_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trv::tool::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a run hears, as "CHANNEL: LINE", events by their names.
class Heard final : public console::Listener {
  public:
    void on_bytes(console::Channel /*channel*/, std::string_view /*bytes*/) override {}
    void on_line(console::Channel channel, const std::string& line) override {
        const auto event = channel == contract::event_channel ? parse_event(line) : std::nullopt;
        lines_.push_back(event ? std::string{name_of(*event->kind)} + " " + event->vm + event->reason
                               : std::to_string(channel) + ": " + line);
    }

    std::vector<std::string> of(const std::string& frames) {
        lines_.clear();
        demultiplexer_.feed(frames);
        return lines_;
    }

  private:
    console::Demultiplexer demultiplexer_{*this};
    std::vector<std::string> lines_;
};

TEST(BareFrames, SayWhatTheHypervisorWould) {
    BareFrames frames{"host"};
    Heard heard;
    EXPECT_THAT(heard.of(frames.on_start()), ElementsAre("machine-ready ", "vm-running host"));
    EXPECT_THAT(heard.of(frames.on_end()), ElementsAre("vm-stopped hostoff", "machine-off all-vms-stopped"));
    EXPECT_THAT(heard.of(frames.on_command("stats\n")), ElementsAre("reply "));
}

TEST(BareFrames, CarryConsoleAndAgent) {
    BareFrames frames{"host"};
    Heard heard;
    EXPECT_THAT(heard.of(frames.on_console("login")), IsEmpty());
    EXPECT_THAT(heard.of(frames.on_agent("hello 1\n")), ElementsAre("3: hello 1"));
    EXPECT_THAT(heard.of(frames.on_console(":\x10\r\n")), ElementsAre("2: login:\x10"));
}

TEST(BareFrames, NoticeThatTheKernelBootsAgain) {
    BareFrames frames{"host"};
    Heard heard;
    const std::string first = "[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x411fd070]\n";
    EXPECT_THAT(heard.of(frames.on_console(first)), ElementsAre("2: " + first.substr(0, first.size() - 1)));
    EXPECT_THAT(heard.of(frames.on_console("[    0.000000] Booting Li")), IsEmpty());
    EXPECT_THAT(
        heard.of(frames.on_console("nux on physical CPU\n")),
        ElementsAre("2: [    0.000000] Booting Linux on physical CPU", "vm-stopped hostreboot", "vm-running host"));
}

} // namespace
} // namespace trv::tool::run
