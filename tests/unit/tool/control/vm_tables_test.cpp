// SPDX-License-Identifier: Apache-2.0
#include "tool/control/vm_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::tool::control {
namespace {

using contract::monitor::Command;
using nlohmann::ordered_json;
using testing::HasSubstr;

const char* const reply = R"({"event":"reply","ok":true,"vms":[
  {"vm":"alpha","state":"running","vcpus":2,"memory_bytes":536870912,"weight":100,"cap":0,"tee":true,"io":"pool","frames":5,"pins":1,
   "optee":{"calls":{"fast":9,"invoke":20},"rpcs":{"fs":3},"refused":{},"sessions":2,"buffers":4,"pinned_pages":11,
            "secure_ns":250000000},
   "vcpu_stats":[{"vcpu":0,"cpu":1,"state":"running","run_ns":1500000000,"steal_ns":2000000,
                  "exits":{"wfi":2,"hypercall":0,"mmio":30}}]},
  {"vm":"b","state":"paused"}],
  "cpus":[{"cpu":0,"idle_ns":1000000}],"free_frames":7,"hypervisor_frames":8,"vmids":2})";

TEST(VmTables, ListsVms) {
    EXPECT_EQ(table_for(Command::List, ordered_json::parse(reply)),
              "VM     state    vCPUs  memory  weight  cap  OP-TEE  I/O\n"
              "alpha  running  2      512MiB  100     0    yes     pool\n"
              "b      paused   -      -       -       -    -       -\n");
}

TEST(VmTables, ShowsStatistics) {
    const auto table = table_for(Command::Stats, ordered_json::parse(reply));
    EXPECT_THAT(table, HasSubstr("alpha  0     1    running  1.500 s  0.002 s  mmio 30, wfi 2\n"));
    EXPECT_THAT(table, HasSubstr("alpha  running  5             1\n"));
    EXPECT_THAT(table, HasSubstr("alpha   2         4        11     0.250 s      invoke 20, fast 9  fs 3\n"));
    EXPECT_THAT(table, HasSubstr("0    0.001 s\n"));
    EXPECT_THAT(table, HasSubstr("free frames 7, hypervisor frames 8, VMIDs in use 2\n"));
}

TEST(VmTables, BearsAnyReply) {
    EXPECT_EQ(table_for(Command::Pause, ordered_json::parse(reply)), "");
    EXPECT_THAT(table_for(Command::Stats, ordered_json::parse(R"({"vms":3,"cpus":{}})")), HasSubstr("free frames -"));
}

TEST(VmTables, KeepsOneVm) {
    auto parsed = ordered_json::parse(reply);
    EXPECT_TRUE(keep_vm(parsed, "b"));
    EXPECT_EQ(parsed["vms"].size(), 1U);
    EXPECT_FALSE(keep_vm(parsed, "alpha"));
}

} // namespace
} // namespace trv::tool::control
