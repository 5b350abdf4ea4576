#pragma once

#include "tool/console/channel.hpp"
#include "tool/run/run_folder.hpp"

#include <fstream>
#include <string>
#include <vector>

namespace trv::tool::runs {

/// The log files of a run: one a VM, one for the hypervisor, one for its events.
class RunLogs {
  public:
    RunLogs(const RunFolder& folder, const std::vector<std::string>& vm_names);

    void write(console::Channel channel, const std::string& line);

  private:
    std::ofstream hypervisor_;
    std::ofstream events_;
    std::vector<std::ofstream> vms_;
};

} // namespace trv::tool::runs
