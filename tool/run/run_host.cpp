// SPDX-License-Identifier: Apache-2.0
#include "tool/run/run_host.hpp"

#include "tool/machine/machine_reader.hpp"
#include "tool/run/run_machine.hpp"

#include <algorithm>

namespace trv::tool::run {

Result<RunOptions> host_run(const HostOptions& options, const machine::MachineDescription& machine) {
    const auto host = std::ranges::find_if(machine.vms, &machine::VmDescription::boots_from_disk);
    if (host == machine.vms.end()) {
        return usage_error(machine.file.string(), "vm", "no VM boots from the machine's disk",
                           "Give the host kernel = \"disk\".");
    }
    RunOptions run{.machine = machine.file,
                   .attach = host->name,
                   .timeout = options.timeout,
                   .json = options.json,
                   .instruction_clock = options.instruction_clock,
                   .fresh_disks = options.fresh,
                   .bare = options.bare};
    for (const auto& command : options.commands) {
        run.commands.emplace_back(host->name, command);
    }
    return run;
}

Result<int> run_host(Context& context, const HostOptions& options) {
    const auto file = options.machine.empty() ? context.paths.root() / "machines" / "host.toml" : options.machine;
    const auto machine = TRY(machine::read_machine(file));
    return TRY(run_machine(context, TRY(host_run(options, machine)))).exit_code;
}

} // namespace trv::tool::run
