// SPDX-License-Identifier: Apache-2.0
// The operator's commands, as they are typed, and the JSON that answers them.

#include "../vm/vm_machine.hpp"
#include "lib/psci.hpp"
#include "management/monitor_commands.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace trv::management {
namespace {

using namespace vm;

using nlohmann::json;

class MonitorCommands : public VmTest {
  public:
    MonitorCommands() {
        describe_on(0, "alpha", 2).cap = 50;
        describe_on(1, "beta").weight = 200;
        boot_and_load();
        add_monitor_commands(*manager);
        add_power_off_command(*manager);
    }
    /// @return the reply
    json ask(std::string_view line) {
        (void)events();
        play(0);
        type("\x10\x21" + std::string(line) + "\n");
        std::istringstream lines(events());
        for (std::string each; std::getline(lines, each);) {
            json parsed = json::parse(each);
            if (parsed["event"] == "reply") {
                return parsed;
            }
        }
        ADD_FAILURE() << "no reply to " << line;
        return {};
    }
    bool works(std::string_view line) { return ask(line)["ok"]; }
};

TEST_F(MonitorCommands, ListsTheVms) {
    const json reply = ask("list");
    ASSERT_TRUE(reply["ok"]);
    ASSERT_EQ(reply["vms"].size(), 2U);
    EXPECT_EQ(reply["vms"][0], (json{{"vm", "alpha"},
                                     {"index", 0},
                                     {"state", "running"},
                                     {"vcpus", 2},
                                     {"memory_bytes", 16 * MiB},
                                     {"weight", 100},
                                     {"cap", 50},
                                     {"tee", false}}));
    EXPECT_EQ(reply["vms"][1]["weight"], 200);
}

TEST_F(MonitorCommands, NamesAllThatItCanDo) {
    std::vector<std::string> names;
    for (const auto& command : ask("help")["commands"]) {
        names.push_back(command["name"]);
        EXPECT_FALSE(command["help"].get<std::string>().empty());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"help", "list", "stats", "pause", "resume", "reset", "destroy", "start",
                                               "log", "trace", "poweroff"}));
}

TEST_F(MonitorCommands, ShowsTheEndOfTheLog) {
    for (unsigned i = 0; i < 30; ++i) {
        log("line {}", i);
    }
    const json usual = ask("log")["lines"];
    ASSERT_EQ(usual.size(), 20U);
    EXPECT_TRUE(usual[19].get<std::string>().ends_with("] line 29"));
    EXPECT_TRUE(usual[0].get<std::string>().ends_with("] line 10"));
    EXPECT_EQ(ask("log 2")["lines"].size(), 2U);
    EXPECT_TRUE(works("log 99999999999999999999"));
    EXPECT_FALSE(works("log some"));
}

TEST_F(MonitorCommands, StartsAndStopsATrace) {
    EXPECT_EQ(ask("trace")["on"], false);
    EXPECT_FALSE(works("trace start 1"));
    EXPECT_FALSE(works("trace start much"));
    EXPECT_FALSE(works("trace begin"));
    const json started = ask("trace start 64");
    ASSERT_TRUE(started["ok"]);
    EXPECT_EQ(started["on"], true);
    EXPECT_EQ(started["ring_records"], 2048);
    pass(0, 20 * millisecond);
    EXPECT_GT(ask("trace")["written"], 0);
    EXPECT_TRUE(works("trace dump"));
    settle();
    EXPECT_EQ(ask("trace stop")["on"], false);
}

TEST_F(MonitorCommands, TellsTimesAndExits) {
    pass(0, 20 * millisecond);
    (void)call(vm("alpha").vcpu(0), psci::Version);
    const json reply = ask("stats");
    const json& alpha = reply["vms"][0];
    EXPECT_EQ(alpha["frames"], 16 * MiB / page_size + 1) << "its memory, and the page of its stolen time";
    EXPECT_EQ(alpha["pins"], 0);
    ASSERT_EQ(alpha["vcpu_stats"].size(), 2U);
    const json& boot_vcpu = alpha["vcpu_stats"][0];
    EXPECT_EQ(boot_vcpu["cpu"], 0);
    EXPECT_EQ(boot_vcpu["state"], "running");
    EXPECT_EQ(boot_vcpu["run_ns"], vm("alpha").vcpu(0).run_time());
    EXPECT_EQ(boot_vcpu["steal_ns"], vm("alpha").vcpu(0).steal_time());
    EXPECT_EQ(boot_vcpu["exits"]["hvc"], 1);
    for (const char* const reason : {"interrupt", "smc", "sysreg", "mmio", "wfi", "fault"}) {
        EXPECT_TRUE(boot_vcpu["exits"].contains(reason)) << reason;
    }
    EXPECT_EQ(alpha["vcpu_stats"][1]["state"], "off");
    ASSERT_EQ(reply["cpus"].size(), 2U);
    EXPECT_TRUE(reply["cpus"][1]["idle_ns"].is_number_unsigned());
    EXPECT_EQ(reply["free_frames"], memory.pool.free_frames());
    EXPECT_EQ(reply["vmids"], 2);
    EXPECT_TRUE(reply.contains("hypervisor_frames") && reply.contains("heap_objects"));
}

TEST_F(MonitorCommands, PausesAndResumes) {
    EXPECT_TRUE(works("pause alpha"));
    EXPECT_EQ(ask("list")["vms"][0]["state"], "paused");
    enter(0);
    EXPECT_FALSE(works("pause alpha"));
    EXPECT_TRUE(works("resume alpha"));
    EXPECT_FALSE(works("resume alpha"));
    EXPECT_EQ(ask("list")["vms"][0]["state"], "running");
}

TEST_F(MonitorCommands, ResetsDestroysAndStarts) {
    EXPECT_TRUE(works("reset alpha"));
    settle();
    EXPECT_FALSE(works("start alpha")) << "it is there";
    EXPECT_TRUE(works("destroy alpha"));
    EXPECT_EQ(ask("list")["vms"][0]["state"], "stopping");
    settle();
    EXPECT_EQ(ask("list")["vms"].size(), 1U);
    EXPECT_TRUE(works("start alpha"));
    EXPECT_EQ(ask("list")["vms"][0]["state"], "loading");
    settle();
    EXPECT_EQ(ask("list")["vms"][0]["state"], "running");
}

TEST_F(MonitorCommands, SaysWhatIsWrong) {
    for (const char* const command : {"pause", "resume", "reset", "destroy", "start"}) {
        for (const char* const name : {" gamma", "", " alpha beta"}) {
            const json reply = ask(std::string(command) + name);
            EXPECT_FALSE(reply["ok"]) << command << name;
            EXPECT_FALSE(reply["error"].get<std::string>().empty());
        }
    }
}

TEST_F(MonitorCommands, AnswersForAFullTableOfVms) {
    manager->for_each_vm([](Vm& each) { each.request_stop(StopReason::Destroyed); });
    settle();
    descriptions.clear();
    static const std::string names[] = {"vm-0", "vm-1", "vm-2", "vm-3"};
    for (const std::string& name : names) {
        describe(name, max_vcpus).memory_size = 8 * MiB;
    }
    boot_and_load();
    EXPECT_EQ(ask("stats")["vms"].size(), 4U);
}

TEST_F(MonitorCommands, PowersTheMachineOffFromOutsideOfTheCommand) {
    EXPECT_TRUE(works("poweroff"));
    EXPECT_TRUE(works("poweroff")) << "twice does no harm";
    EXPECT_THROW(enter(0), arch::MachineOff);
    EXPECT_NE(events().find("\"monitor\""), std::string::npos);
}

} // namespace
} // namespace trv::management
