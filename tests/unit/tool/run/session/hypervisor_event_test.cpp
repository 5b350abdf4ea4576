// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/hypervisor_event.hpp"

#include <gtest/gtest.h>

namespace trv::tool::run {
namespace {

using Kind = contract::Event;

TEST(HypervisorEvent, IsReadFromItsLine) {
    const auto ready =
        parse_event(R"({"event":"machine-ready","ns":120,"version":"0.1.0","image_bytes":1000,"cpus":2})");
    ASSERT_TRUE(ready);
    EXPECT_EQ(ready->kind, Kind::MachineReady);
    EXPECT_EQ(ready->ns, 120U);
    EXPECT_EQ(ready->version, "0.1.0");
    EXPECT_EQ(ready->image_bytes, 1000U);
    const auto stopped = parse_event(R"({"event":"vm-stopped","ns":5,"vm":"a","reason":"crash","detail":"abort"})");
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->kind, Kind::VmStopped);
    EXPECT_EQ(stopped->vm, "a");
    EXPECT_EQ(stopped->reason, "crash");
    EXPECT_EQ(stopped->detail, "abort");
}

TEST(HypervisorEvent, ToleratesWhatItDoesNotKnow) {
    EXPECT_EQ(parse_event(R"({"event":"tea-ready","ns":-1,"vm":7})")->kind, std::nullopt);
    EXPECT_EQ(parse_event(R"({"event":"vm-running","ns":"x"})")->ns, 0U);
    for (const char* line : {"", "{", "[]", "7", "null", R"({"ns":1})", "\xff"}) {
        EXPECT_FALSE(parse_event(line)) << line;
    }
}

} // namespace
} // namespace trv::tool::run
