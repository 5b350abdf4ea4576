// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/chrome_trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <sstream>

namespace trv::tool::trace {
namespace {

using contract::trace::Cause;
using contract::trace::Kind;
using contract::trace::Reason;
using nlohmann::json;

template <typename Enum>
std::uint8_t number(Enum value) {
    return static_cast<std::uint8_t>(value);
}

class ChromeTrace : public testing::Test {
  protected:
    void add(unsigned cpu, const Record& record) {
        log_.cpus.at(cpu).records.push_back(record);
        ++log_.records;
    }
    void convert() {
        std::ostringstream out;
        write_chrome_trace(out, log_, {"alpha", "beta"});
        trace_ = json::parse(out.str());
        check_schema();
    }
    [[nodiscard]] json events() const { return trace_["traceEvents"]; }
    /// The events of this name on a track, in the order of time.
    [[nodiscard]] json named(const std::string& name, unsigned process, unsigned thread) const {
        json found = json::array();
        for (const auto& event : events()) {
            if (event["name"] == name && event["pid"] == process && event["tid"] == thread) {
                found.push_back(event);
            }
        }
        return found;
    }

    TraceLog log_;
    json trace_;

  private:
    /// What the importers of Perfetto and Chrome ask of the format: members, their types, and slices that nest.
    void check_schema() {
        ASSERT_TRUE(trace_.is_object());
        ASSERT_TRUE(trace_["traceEvents"].is_array());
        EXPECT_EQ(trace_["displayTimeUnit"], "ns");
        std::map<std::pair<int, int>, std::vector<std::pair<long, long>>> slices;
        for (const auto& event : events()) {
            ASSERT_TRUE(event["ph"].is_string() && event["name"].is_string() && event["pid"].is_number_unsigned() &&
                        event["tid"].is_number_unsigned() && event["args"].is_object())
                << event;
            const std::string phase = event["ph"];
            if (phase == "M") {
                continue;
            }
            ASSERT_TRUE(event["ts"].is_number()) << event;
            ASSERT_TRUE(phase == "X" || (phase == "i" && event["s"] == "t")) << event;
            if (phase == "X") {
                ASSERT_GE(event["dur"].get<double>(), 0);
                const long from = std::lround(event["ts"].get<double>() * 1000);
                slices[{event["pid"], event["tid"]}].emplace_back(
                    from, from + std::lround(event["dur"].get<double>() * 1000));
            }
        }
        for (const auto& [track, all] : slices) {
            for (const auto& one : all) {
                for (const auto& other : all) {
                    const bool apart = one.second <= other.first || other.second <= one.first;
                    const bool inside = (one.first >= other.first && one.second <= other.second) ||
                                        (other.first >= one.first && other.second <= one.second);
                    EXPECT_TRUE(apart || inside) << "on track " << track.first << "/" << track.second;
                }
            }
        }
    }
};

TEST_F(ChromeTrace, IsSoundWithoutAnything) {
    convert();
    EXPECT_EQ(events().size(), 2U) << "the name of the first process, and where it stands";
}

TEST_F(ChromeTrace, NamesItsTracks) {
    add(1, {.time = 1000, .kind = Kind::Run, .vm = 1, .vcpu = 3});
    convert();
    EXPECT_EQ(named("process_name", 1, 0)[0]["args"]["name"], "physical CPUs");
    EXPECT_EQ(named("thread_name", 1, 2)[0]["args"]["name"], "CPU 1");
    EXPECT_EQ(named("process_name", 11, 0)[0]["args"]["name"], "VM beta");
    EXPECT_EQ(named("thread_name", 11, 4)[0]["args"]["name"], "vCPU 3");
}

TEST_F(ChromeTrace, ShowsGuestsAndExitsOfACpu) {
    add(0, {.time = 1000, .kind = Kind::Enter, .vm = 0, .vcpu = 0});
    add(0, {.time = 5500, .kind = Kind::Exit, .vm = 0, .detail = number(Reason::Hypercall), .a = 0x8400'0000});
    add(0, {.time = 5600, .kind = Kind::TeeEnter, .vm = 0, .detail = 1});
    add(0, {.time = 5700, .kind = Kind::TeeLeave, .vm = 0, .detail = 1});
    add(0, {.time = 6000, .kind = Kind::Enter, .vm = 1, .vcpu = 1});
    add(0, {.time = 7001,
            .kind = Kind::Exit,
            .vm = 1,
            .vcpu = 1,
            .detail = number(Reason::Mmio),
            .a = 0x40,
            .b = 0x0900'0018});
    convert();
    const json guest = named("alpha vCPU 0", 1, 1);
    ASSERT_EQ(guest.size(), 1U);
    EXPECT_DOUBLE_EQ(guest[0]["ts"], 1.0);
    EXPECT_DOUBLE_EQ(guest[0]["dur"], 4.5);
    const json exit = named("EL2: hvc", 1, 1);
    ASSERT_EQ(exit.size(), 1U);
    EXPECT_EQ(exit[0]["args"]["function"], "0x84000000");
    EXPECT_EQ(exit[0]["args"]["from"], "alpha vCPU 0");
    EXPECT_DOUBLE_EQ(exit[0]["dur"], 0.5);
    EXPECT_EQ(named("OP-TEE", 1, 1)[0]["args"]["vm"], "alpha");
    EXPECT_DOUBLE_EQ(named("beta vCPU 1", 1, 1)[0]["dur"], 1.001);
    const json mmio = named("EL2: mmio", 1, 1);
    ASSERT_EQ(mmio.size(), 1U) << "what is open at the end is closed";
    EXPECT_EQ(mmio[0]["args"]["address"], "0x9000018");
    EXPECT_EQ(mmio[0]["args"]["write"], true);
}

TEST_F(ChromeTrace, ShowsTheStatesOfAVcpu) {
    add(0, {.time = 1000, .kind = Kind::Run, .vm = 0});
    add(0, {.time = 2000, .kind = Kind::Leave, .vm = 0, .detail = number(Cause::Blocked)});
    add(1, {.time = 3000, .kind = Kind::Wake, .vm = 0, .a = 0}); // by another CPU
    add(0, {.time = 4000, .kind = Kind::Run, .vm = 0});
    add(0, {.time = 4500, .kind = Kind::Inject, .vm = 0, .a = 27});
    add(0, {.time = 5000, .kind = Kind::Leave, .vm = 0, .detail = number(Cause::SliceEnd)});
    add(0, {.time = 6000, .kind = Kind::Run, .vm = 0});
    add(0, {.time = 7000, .kind = Kind::Leave, .vm = 0, .detail = number(Cause::Off)});
    add(0, {.time = 9000, .kind = Kind::IdleBegin});
    convert();
    const json running = named("running", 10, 1);
    ASSERT_EQ(running.size(), 3U);
    EXPECT_EQ(running[0]["args"]["cpu"], 0);
    const json ready = named("ready", 10, 1);
    ASSERT_EQ(ready.size(), 2U);
    EXPECT_EQ(ready[0]["args"]["cause"], "wake");
    EXPECT_EQ(ready[1]["args"]["cause"], "slice end");
    EXPECT_DOUBLE_EQ(ready[1]["dur"], 1.0);
    ASSERT_EQ(named("blocked", 10, 1).size(), 1U);
    EXPECT_DOUBLE_EQ(named("blocked", 10, 1)[0]["dur"], 1.0);
    EXPECT_EQ(named("interrupt 27", 10, 1).size(), 1U);
}

TEST_F(ChromeTrace, ShowsTeeCallsAsOneSliceEach) {
    add(0, {.time = 1000, .kind = Kind::TeeCallBegin, .vm = 1, .vcpu = 1, .detail = 0, .a = 1, .b = 77});
    add(0, {.time = 1100, .kind = Kind::TeeEnter, .vm = 1, .detail = 0});
    add(0, {.time = 1500, .kind = Kind::TeeLeave, .vm = 1, .detail = 0});
    add(0, {.time = 1550, .kind = Kind::Rpc, .vm = 1, .detail = 0, .a = 6});
    add(1, {.time = 2000, .kind = Kind::TeeEnter, .vm = 1, .detail = 0}); // resumed on another CPU
    add(1, {.time = 2500, .kind = Kind::TeeLeave, .vm = 1, .detail = 0});
    add(1, {.time = 3000, .kind = Kind::TeeCallEnd, .vm = 1, .detail = 0, .a = 0, .b = 0xffff'0001});
    convert();
    const json call = named("invoke", 11, 100);
    ASSERT_EQ(call.size(), 1U);
    EXPECT_DOUBLE_EQ(call[0]["dur"], 2.0);
    EXPECT_EQ(call[0]["args"],
              (json{{"command", 1}, {"session", 77}, {"vcpu", 1}, {"code", "0x0"}, {"result", "0xffff0001"}}));
    EXPECT_EQ(named("in OP-TEE", 11, 100).size(), 2U);
    EXPECT_EQ(named("RPC: allocate shm", 11, 100).size(), 1U);
}

TEST_F(ChromeTrace, ShowsGapsAndInventsNothingAcrossThem) {
    add(0, {.time = 1000, .kind = Kind::Enter, .vm = 0});
    add(0, {.time = 1000, .kind = Kind::Run, .vm = 0});
    add(0, {.time = 9000, .kind = Kind::Exit, .vm = 1, .detail = number(Reason::Wfi)});
    log_.cpus[0].gaps.push_back({.before = 2, .lost = 12});
    log_.cpus[0].overwritten = 12;
    convert();
    EXPECT_DOUBLE_EQ(named("alpha vCPU 0", 1, 1)[0]["dur"], 0.0);
    EXPECT_EQ(named("12 records lost", 1, 1).size(), 1U);
    EXPECT_EQ(trace_["otherData"]["cpu0_lost"], 12);
    EXPECT_EQ(trace_["otherData"]["cpu0_records"], 3);
}

TEST_F(ChromeTrace, StaysSoundWhateverTheRecordsSay) {
    std::uint32_t state = 12345;
    const auto next = [&state] { return state = state * 1664525 + 1013904223; };
    std::uint64_t time = 0;
    for (unsigned i = 0; i < 1500; ++i) {
        time += next() >> 28;
        add(next() >> 31, {.time = time,
                           .kind = static_cast<Kind>(1 + (next() >> 24) % contract::trace::last_kind),
                           .vm = static_cast<std::uint8_t>(next() >> 30),
                           .vcpu = static_cast<std::uint8_t>(next() >> 31),
                           .detail = static_cast<std::uint8_t>(next() >> 28),
                           .a = next(),
                           .b = next()});
    }
    log_.cpus[1].gaps.push_back({.before = 100, .lost = 3});
    convert();
}

} // namespace
} // namespace trv::tool::trace
