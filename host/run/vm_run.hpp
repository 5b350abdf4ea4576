// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/consoles/channel_watch.hpp"
#include "host/vms/new_vm.hpp"
#include "tool/run/report/outcome.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trv::host::run {

struct VmRunOptions {
    std::vector<std::pair<std::string, std::string>> commands{}; ///< VM and command, in order; none: consoles only
    std::optional<double> timeout{};                             ///< seconds
    bool json = false;                                           ///< results on standard output, consoles on the other
};

/// Makes the VMs, which end with this program, starts them, runs the commands in them, and ends them. Without commands
/// the VMs' consoles are shown until all have stopped.
/// @return the exit code: as `./trivisor run`
[[nodiscard]] tool::Result<int> run_vms(const consoles::Connect& connect,
                                        const std::vector<tool::machine::VmDescription>& vms,
                                        const VmRunOptions& options);

} // namespace trv::host::run
