// SPDX-License-Identifier: Apache-2.0
#include "tool/run/run_logs.hpp"

namespace trv::tool::run {
namespace {

// Flushed line by line: logs are watched live, and must be complete if this process is killed.
void write_line(std::ofstream& log, const std::string& line) {
    log << line << std::endl;
}

std::map<std::string, std::ofstream> open_tee_logs(const run_folder::RunFolder& folder, const MachineSession& session) {
    std::map<std::string, std::ofstream> logs;
    for (const auto& vm : session.vms()) {
        if (vm.plan().has_tee) {
            logs.emplace(vm.plan().name, folder.vm_tee_log(vm.plan().name));
        }
    }
    return logs;
}

} // namespace

RunLogs::RunLogs(const run_folder::RunFolder& folder, const MachineSession& session)
    : hypervisor_{folder.hypervisor_log()}, events_{folder.events_log()}, tees_{open_tee_logs(folder, session)},
      tee_log_{folder.secure_log()}, sorter_{tees_.size() == 1 ? std::optional{tees_.begin()->first} : std::nullopt,
                                             [this](const std::string& vm, const std::string& line) {
                                                 if (const auto log = tees_.find(vm); log != tees_.end()) {
                                                     write_line(log->second, line);
                                                 }
                                             }} {
    for (const auto& vm : session.vms()) {
        vms_.emplace_back(folder.vm_log(vm.plan().name));
    }
}

void RunLogs::write(console::Channel channel, const std::string& line) {
    if (channel == contract::log_channel) {
        write_line(hypervisor_, line);
    } else if (channel == contract::event_channel) {
        write_line(events_, line);
    } else if (!contract::is_agent(channel) && contract::vm_of(channel) < vms_.size()) {
        write_line(vms_[contract::vm_of(channel)], line);
    }
}

std::vector<std::string> RunLogs::sort_tee_log() {
    std::vector<std::string> lines = tee_log_.new_lines();
    for (const auto& line : lines) {
        sorter_.on_line(line);
    }
    return lines;
}

void RunLogs::finish_tee_log() {
    sort_tee_log();
    if (const auto line = tee_log_.rest()) {
        sorter_.on_line(*line);
    }
}

} // namespace trv::tool::run
