// SPDX-License-Identifier: Apache-2.0
#include "tool/run/report/failure_report.hpp"
#include "tool/run/report/result_json.hpp"
#include "tool/support/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trv::tool::run {
namespace {

using testing::HasSubstr;

class ResultJson : public testing::Test {
  protected:
    /// A run in which one command failed.
    void SetUp() override {
        session_.on_event(*parse_event(R"({"event":"machine-ready","ns":1,"version":"0.1.0","image_bytes":4096,)"
                                       R"("options":"OPTEE=n MAX_CPUS=8"})"));
        session_.on_event(*parse_event(R"({"event":"vm-running","ns":30000000,"vm":"a"})"));
        session_.on_agent_line(0, "hello 1", 2.5);
        session_.on_agent_line(0, "exit 1 9", 3);
        session_.on_event(*parse_event(R"({"event":"machine-off","ns":9,"reason":"all-vms-stopped"})"));
        session_.on_machine_gone();
    }

    TemporaryFolder root_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Paths paths_{root_.path()};
    run_folder::RunFolder folder_ = *run_folder::RunFolder::create(paths_, "machines/one.toml");
    MachineSession session_{{{.name = "a", .commands = {"exit 9"}}}};
};

TEST_F(ResultJson, SaysWhatBecameOfEachVm) {
    const RunReport report{.ending = Ending::MachineOff, .qemu_version = "QEMU 7.2", .resolved_versions = R"({"k":1})"};
    const auto json = nlohmann::json::parse(result_json(report, session_, folder_));
    EXPECT_EQ(json["status"], "failed");
    EXPECT_EQ(json["exit_code"], 1);
    EXPECT_EQ(json["vms"]["a"]["status"], "failed");
    EXPECT_EQ(json["vms"]["a"]["exit_code"], 9);
    EXPECT_EQ(json["vms"]["a"]["boot_seconds"], 0.03);
    EXPECT_EQ(json["vms"]["a"]["log"], (root_.path() / "build/run/one-1/a.log").string());
    EXPECT_EQ(json["vms"]["a"]["commands"][0]["command"], "exit 9");
    EXPECT_EQ(json["versions"]["hypervisor"]["image_bytes"], 4096);
    EXPECT_EQ(json["versions"]["hypervisor"]["options"]["OPTEE"], "n");
    EXPECT_EQ(json["versions"]["hypervisor"]["options"]["MAX_CPUS"], "8");
    EXPECT_EQ(json["versions"]["qemu"], "QEMU 7.2");
    EXPECT_EQ(json["versions"]["packages"]["k"], 1);
}

TEST_F(ResultJson, HasNullForWhatNeverHappened) {
    const MachineSession fresh{{{.name = "a", .commands = {"\xff"}}}};
    const auto json = nlohmann::json::parse(result_json({.ending = Ending::TimeOut}, fresh, folder_));
    EXPECT_EQ(json["status"], "time-out");
    EXPECT_TRUE(json["vms"]["a"]["boot_seconds"].is_null());
    EXPECT_TRUE(json["machine_off"].is_null());
}

TEST_F(ResultJson, TheReportForAPersonNamesCommandAndLogs) {
    EXPECT_EQ(failure_report(Ending::MachineOff, session_, folder_, paths_),
              "a: 'exit 9' ended with exit code 9\nLogs: build/run/one-1");
}

TEST_F(ResultJson, TheReportShowsTheHypervisorsLogWhenTheMachineFailed) {
    ASSERT_TRUE(write_file(folder_.hypervisor_log(), "panic: at the disco\n"));
    const auto report = failure_report(Ending::Died, session_, folder_, paths_);
    EXPECT_THAT(report, HasSubstr("QEMU exited before"));
    EXPECT_THAT(report, HasSubstr("hypervisor.log ends with:\npanic: at the disco"));
}

TEST_F(ResultJson, FoldersOfRunsAreNumbered) {
    EXPECT_EQ(run_folder::RunFolder::create(paths_, "other/one.toml")->path().filename(), "one-2");
}

} // namespace
} // namespace trv::tool::run
