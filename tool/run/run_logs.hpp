#pragma once

#include "tool/console/channel.hpp"
#include "tool/run/machine_session.hpp"
#include "tool/run/run_folder.hpp"
#include "tool/tee/tee_log.hpp"
#include "tool/tee/tee_sorter.hpp"

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace trv::tool::runs {

/// The log files of a run: one a VM, one for the hypervisor, one for its events, and what OP-TEE says of each VM that
/// has one. The whole of what OP-TEE says goes into a file without us.
class RunLogs {
  public:
    RunLogs(const RunFolder& folder, const MachineSession& session);
    RunLogs(const RunLogs&) = delete;
    RunLogs& operator=(const RunLogs&) = delete;

    void write(console::Channel channel, const std::string& line);

    /// OP-TEE knows the VM by this number from now on.
    void on_guest(unsigned guest, const std::string& vm) { sorter_.on_guest(guest, vm); }

    /// Sorts what OP-TEE has said since the last call.
    void sort_tee_log();

    /// The same for the last time: OP-TEE says nothing any more.
    void finish_tee_log();

  private:
    std::ofstream hypervisor_;
    std::ofstream events_;
    std::vector<std::ofstream> vms_;
    std::map<std::string, std::ofstream> tees_; // by the VM's name
    tee::TeeLog tee_log_;
    tee::TeeSorter sorter_;
};

} // namespace trv::tool::runs
