// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/frames.hpp"
#include "tool/run/session/machine_session.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/tee/tee_log.hpp"
#include "tool/tee/tee_sorter.hpp"

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace trv::tool::run {

/// The log files of a run: one per VM, one for the hypervisor, one for its events, and OP-TEE's lines about each VM
/// with an OP-TEE. QEMU writes OP-TEE's complete log itself.
class RunLogs {
  public:
    RunLogs(const run_folder::RunFolder& folder, const MachineSession& session);
    RunLogs(const RunLogs&) = delete;
    RunLogs& operator=(const RunLogs&) = delete;

    void write(console::Channel channel, const std::string& line);

    /// Sets OP-TEE's current number for the VM.
    void on_guest(unsigned guest, const std::string& vm) { sorter_.on_guest(guest, vm); }

    /// Sorts OP-TEE's output since the last call.
    /// @return its lines
    std::vector<std::string> sort_tee_log();

    /// The same for the last time, after OP-TEE's end.
    void finish_tee_log();

  private:
    std::ofstream hypervisor_;
    std::ofstream events_;
    std::vector<std::ofstream> vms_;
    std::map<std::string, std::ofstream> tees_; // by the VM's name
    tee::TeeLog tee_log_;
    tee::TeeSorter sorter_;
};

} // namespace trv::tool::run
