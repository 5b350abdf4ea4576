// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/clock.hpp"
#include "console/events.hpp"
#include "console/monitor.hpp"
#include "console/wire/multiplexer.hpp"
#include "fake_port.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace trv::console {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class OnEventChannel : public testing::Test {
  protected:
    void SetUp() override {
        arch::fake_ticks = 42;
        mux_.start(port_, Mode::Framed);
        ASSERT_TRUE(mux_.attach(channel_, nullptr));
    }
    std::string lines() {
        mux_.pump();
        std::string found = port_.channels()[event_channel];
        port_.sent = "\x10\x21";
        return found;
    }
    std::string answer(std::string_view line) {
        monitor_->receive({reinterpret_cast<const u8*>(line.data()), line.size()});
        return lines();
    }

    FakePort port_;
    Multiplexer mux_;
    GuestChannel channel_{mux_, event_channel, "monitor"};
    Events events_{channel_};
    std::array<char, 1024> reply_room_{};
    std::unique_ptr<Monitor> monitor_ = std::make_unique<Monitor>(channel_, reply_room_);
};

TEST_F(OnEventChannel, EveryEventIsOneJsonLine) {
    events_.machine_ready(2, 2 * GiB, 100, "0.1.0", "OPTEE=y");
    EXPECT_EQ(
        lines(),
        "{\"event\":\"machine-ready\",\"ns\":42,\"entry_ns\":0,\"cpus\":2,\"ram_bytes\":2147483648,\"image_bytes\":100,"
        "\"version\":\"0.1.0\",\"options\":\"OPTEE=y\"}\n");
    events_.vm_created("alpha");
    EXPECT_EQ(lines(), "{\"event\":\"vm-created\",\"ns\":42,\"vm\":\"alpha\"}\n");
    events_.vm_refused("vm@0", "vcpus: expected 1 to 8");
    EXPECT_EQ(lines(), "{\"event\":\"vm-refused\",\"ns\":42,\"vm\":\"vm@0\",\"reason\":\"vcpus: expected 1 to 8\"}\n");
    events_.vm_running("alpha");
    EXPECT_EQ(lines(), "{\"event\":\"vm-running\",\"ns\":42,\"vm\":\"alpha\"}\n");
    events_.vm_stopped("alpha", StopReason::Off);
    EXPECT_EQ(lines(), "{\"event\":\"vm-stopped\",\"ns\":42,\"vm\":\"alpha\",\"reason\":\"off\"}\n");
    events_.vm_stopped("alpha", StopReason::Crash, "read of 0x0");
    EXPECT_EQ(
        lines(),
        "{\"event\":\"vm-stopped\",\"ns\":42,\"vm\":\"alpha\",\"reason\":\"crash\",\"detail\":\"read of 0x0\"}\n");
    events_.machine_off(PowerOffReason::AllVmsStopped);
    EXPECT_EQ(lines(), "{\"event\":\"machine-off\",\"ns\":42,\"reason\":\"all-vms-stopped\"}\n");
}

TEST_F(OnEventChannel, EventsStayWholeWhateverTheTextIs) {
    const std::string nasty(1000, '\x01');
    events_.vm_stopped(nasty.substr(0, 31), StopReason::Crash, nasty);
    const std::string line = lines();
    EXPECT_TRUE(line.ends_with("\"}\n"));
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

void echo_command(void* context, std::string_view arguments, Reply& reply) {
    ++*static_cast<int*>(context);
    reply.member("said", arguments);
}
void failing_command(void*, std::string_view, Reply& reply) {
    reply.member("half", 1U);
    reply.fail("it \"broke\"");
}
void endless_command(void*, std::string_view, Reply& reply) {
    for (std::size_t i = 0; i < 1000; ++i) {
        reply.member("x", 1U);
    }
}

TEST_F(OnEventChannel, RunsCommandsWithTheirArguments) {
    int calls = 0;
    ASSERT_TRUE(monitor_->add({"echo", "TEXT  says it", echo_command, &calls}));
    EXPECT_EQ(monitor_->add({"echo", "", echo_command}), fail(Error::Busy));
    EXPECT_EQ(answer("  echo  a b \n"),
              "{\"event\":\"reply\",\"ns\":42,\"command\":\"echo\",\"ok\":true,\"said\":\"a b\"}\n");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(answer("ec"), "");
    EXPECT_THAT(answer("ho\r\n"), HasSubstr("\"said\":\"\""));
    EXPECT_EQ(answer("\n\r\n   \n"), "");
}

TEST_F(OnEventChannel, ReportsFailures) {
    ASSERT_TRUE(monitor_->add({"fail", "", failing_command}));
    ASSERT_TRUE(monitor_->add({"endless", "", endless_command}));
    EXPECT_EQ(answer("fail\n"),
              "{\"event\":\"reply\",\"ns\":42,\"command\":\"fail\",\"ok\":false,\"error\":\"it \\\"broke\\\"\"}\n");
    EXPECT_THAT(answer("endless\n"), HasSubstr("\"ok\":false,\"error\":\"the answer is too long\""));
    EXPECT_THAT(answer("nonsense\n"), HasSubstr("\"command\":\"nonsense\",\"ok\":false,\"error\":\"unknown command"));
    EXPECT_THAT(answer(std::string(1000, 'x') + "\n"), HasSubstr("the line is too long"));
    EXPECT_THAT(answer("fail\n"), HasSubstr("broke")) << "and the next line is read afresh";
}

TEST_F(OnEventChannel, ListsItsCommands) {
    ASSERT_TRUE(monitor_->add({"poweroff", "ends the machine", failing_command}));
    EXPECT_THAT(answer("help\n"), HasSubstr(R"("commands":[{"name":"help","help":"lists the commands"},)"
                                            R"({"name":"poweroff","help":"ends the machine"}])"));
}

TEST_F(OnEventChannel, HasRoomForSoManyCommandsOnly) {
    static std::array<std::string, Monitor::max_commands + 1> names;
    for (std::size_t i = 0; i < names.size(); ++i) {
        names[i] = "c" + std::to_string(i);
        const auto added = monitor_->add({names[i], "", failing_command});
        EXPECT_EQ(added.has_value(), i < Monitor::max_commands);
    }
}

TEST_F(OnEventChannel, EchoesForAPerson) {
    monitor_->set_echo(true);
    EXPECT_EQ(answer("ab\x7f\x15"), "ab\b \b\b \b");
    EXPECT_EQ(answer("\x7f"), "");
    EXPECT_THAT(answer("x\r"), StartsWith("x\n{"));
}

TEST(TakeWord, SplitsAtBlanks) {
    std::string_view text = "  stats  alpha\t2 ";
    EXPECT_EQ(take_word(text), "stats");
    EXPECT_EQ(take_word(text), "alpha");
    EXPECT_EQ(text, "2");
    EXPECT_EQ(take_word(text), "2");
    EXPECT_EQ(take_word(text), "");
}

} // namespace
} // namespace trv::console
