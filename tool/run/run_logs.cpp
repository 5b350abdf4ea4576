#include "tool/run/run_logs.hpp"

namespace trv::tool::runs {

RunLogs::RunLogs(const RunFolder& folder, const std::vector<std::string>& vm_names)
    : hypervisor_{folder.hypervisor_log()}, events_{folder.events_log()} {
    for (const auto& name : vm_names) {
        vms_.emplace_back(folder.vm_log(name));
    }
}

void RunLogs::write(console::Channel channel, const std::string& line) {
    if (channel == console::hypervisor_log) {
        hypervisor_ << line << std::endl;
    } else if (channel == console::events) {
        events_ << line << std::endl;
    } else if (!console::is_agent(channel) && console::vm_of(channel) < vms_.size()) {
        // Flushed line by line: a log is for being watched, and must be whole when this process is killed.
        vms_[console::vm_of(channel)] << line << std::endl;
    }
}

} // namespace trv::tool::runs
