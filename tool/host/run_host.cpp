// SPDX-License-Identifier: Apache-2.0
#include "tool/host/run_host.hpp"

#include "tool/host/host_package.hpp"
#include "tool/machine/readers/machine_reader.hpp"
#include "tool/run/run_machine.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::host {

Result<run::RunOptions> host_run(const HostOptions& options, const machine::MachineDescription& machine) {
    const auto host = std::ranges::find_if(machine.vms, &machine::VmDescription::boots_from_disk);
    if (host == machine.vms.end()) {
        return usage_error(machine.file.string(), "vm", "no VM boots from the machine's disk",
                           "Give the host kernel = \"disk\".");
    }
    run::RunOptions run{.machine = machine.file,
                        .attach = host->name,
                        .config = options.config,
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
    if (options.package) {
        fmt::print("{}\n", TRY(require_host_package(context)).string());
        return 0;
    }
    const auto file = options.machine.empty() ? context.paths.root() / "machines" / "host.toml" : options.machine;
    const auto machine = TRY(machine::read_machine(file));
    auto run = TRY(host_run(options, machine));
    if (!options.bare) {
        run.packages.push_back(TRY(require_host_package(context)));
    }
    return TRY(run::run_machine(context, run)).exit_code;
}

} // namespace trv::tool::host
