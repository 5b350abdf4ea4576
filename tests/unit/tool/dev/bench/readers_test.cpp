// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/figures/readers.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace trv::tool::dev::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ExitFigures, AreCountedBetweenTheMarks) {
    std::istringstream log("Taking exception 5 [IRQ] on CPU 0\n...from EL1 to EL2\n"
                           "...with ESR 0x15/0x56000000\n"
                           "...with ESR 0x15/0x56007101\n"
                           "...from EL1 to EL2\n...from EL0 to EL1\n...from EL0 to EL2\n"
                           "...with ESR 0x15/0x56007102\n"
                           "...from EL1 to EL2\n"
                           "...with ESR 0x15/0x56007101\n"
                           "...with ESR 0x15/0x56007102\n");
    EXPECT_THAT(count_exits(log), ElementsAre(2, 0));
    std::istringstream nothing("");
    EXPECT_THAT(count_exits(nothing), IsEmpty());
}

TEST(XtestFigures, TakeTheLargestSizeAndTheMean) {
    const auto figures = parse_xtest_figures({"xtest-benchmark 1001", " 256 \t\t | 0.172\t | 1.453",
                                              " 1048576 \t | 8.946\t | 114.464", "xtest-benchmark 2001",
                                              "min=138.5us max=190.1us mean=139.2us stddev=2.1us (cv 1.5%) (7.0MiB/s)",
                                              "mean=1.0us of nothing that was announced"});
    ASSERT_THAT(figures, SizeIs(2));
    EXPECT_EQ(figures[0].name, "1001-storage-write-1m");
    EXPECT_DOUBLE_EQ(figures[0].ns, 8.946e9);
    EXPECT_EQ(figures[1].name, "2001-sha1");
    EXPECT_DOUBLE_EQ(figures[1].ns, 139200);
}

TEST(BootFigures, BareMetalCountsFromPowerOn) {
    EXPECT_DOUBLE_EQ(first_process_ns(Peer::Bare, {"moment {\"ticks\":125,\"hz\":62500000}"}, {}, "").value(), 2000);
    EXPECT_FALSE(first_process_ns(Peer::Bare, {"moment {\"ticks\":125,\"hz\":0}", "moment {"}, {}, ""));
}

TEST(BootFigures, TrivisorsGuestsCountFromTheirStart) {
    const std::vector<std::string> lines{"moment {\"ticks\":125,\"hz\":62500000}"};
    const std::vector<std::string> events{R"({"event":"machine-ready","ns":1,"entry_ns":1000})",
                                          R"({"event":"vm-running","ns":10,"vm":"guest1"})",
                                          R"({"event":"vm-running","ns":20,"vm":"guest0"})"};
    EXPECT_DOUBLE_EQ(first_process_ns(Peer::Trivisor, lines, events, "guest0").value(), 3020);
    EXPECT_FALSE(first_process_ns(Peer::Trivisor, lines, events, "guest2"));
    EXPECT_FALSE(first_process_ns(Peer::Trivisor, lines, {}, "guest0"));
}

TEST(BootFigures, XensGuestIsKnownFromTheMachinesEnd) {
    const std::vector<std::string> lines{"[    1.500000] first process", "[    1.700000] reboot: Power down",
                                         "(XEN) [0000000007735940] Hardware Dom0 halted: halting machine"};
    EXPECT_NEAR(first_process_ns(Peer::Xen, lines, {}, "").value(), 2e9 - 0.2e9, 1);
    EXPECT_FALSE(first_process_ns(Peer::Xen, {lines[0], lines[2]}, {}, ""));
}

TEST(IdleFigures, AreExitsBetweenTheLastTwoAnswers) {
    const auto answer = [](const char* ns, const char* first, const char* second) {
        return fmt::format(R"({{"event":"reply","ns":{},"command":"stats","vms":[)"
                           R"({{"vm":"a","vcpu_stats":[{{"exits":{{"wfi":{},"hvc":1}}}}]}},)"
                           R"({{"vm":"b","vcpu_stats":[{{"exits":{{"wfi":{}}}}}]}}]}})",
                           ns, first, second);
    };
    const std::vector<std::string> events{answer("0", "0", "0"), answer("1000000000", "10", "20"),
                                          R"({"event":"reply","ns":1500000000,"command":"list","vms":[]})",
                                          answer("3000000000", "14", "26")};
    EXPECT_DOUBLE_EQ(idle_exits_per_second(events).value(), 5);
    EXPECT_FALSE(idle_exits_per_second({}));
    EXPECT_FALSE(idle_exits_per_second({events[0]}));
    EXPECT_FALSE(idle_exits_per_second({events[0], events[0]}));
}

} // namespace
} // namespace trv::tool::dev::bench
