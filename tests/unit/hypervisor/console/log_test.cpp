// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/clock.hpp"
#include "console/console.hpp"
#include "fake_port.hpp"
#include "lib/log.hpp"
#include "sync/rate_limit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Log, ReplaysEarlyLinesAndStampsAll) {
    console::FakePort port;
    { // takes what other tests logged without a console
        console::Console another;
        another.start(port, console::Mode::Framed);
    }
    console::Console machine_console;
    port.sent.clear();
    arch::fake_ticks = 1'234'567'890;
    log("early {}", 1U);
    machine_console.start(port, console::Mode::Framed);
    EXPECT_THAT(port.channels()[console::log_channel], HasSubstr("[    1.234567] early 1\n"));
    port.sent.clear();

    arch::fake_ticks = 12'345'000'000'001;
    log("bad \x1b[2J\nname");
    EXPECT_EQ(port.channels()[console::log_channel], "[12345.000000] bad ?[2J?name\n");
    port.sent.clear();

    arch::fake_ticks = 0;
    RateLimit limit(1, 1000);
    log_limited(limit, "guest did {}", 1U);
    log_limited(limit, "guest did {}", 2U);
    arch::fake_ticks = 1'000;
    log_limited(limit, "guest did {}", 3U);
    EXPECT_EQ(port.channels()[console::log_channel], "[    0.000000] guest did 1\n"
                                                     "[    0.000001] (1 similar lines suppressed)\n"
                                                     "[    0.000001] guest did 3\n");
    port.sent.clear();

    machine_console.events().vm_created("alpha");
    port.typed = "\x10\x21help\n";
    machine_console.multiplexer().poll_input();
    EXPECT_THAT(port.channels()[console::event_channel], StartsWith("{\"event\":\"vm-created\""));
    EXPECT_THAT(port.channels()[console::event_channel], HasSubstr("\"command\":\"help\",\"ok\":true"));
    machine_console.flush();
    EXPECT_FALSE(machine_console.multiplexer().output_pending());
}

} // namespace
} // namespace trv
