// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"
#include "tool/run/run_options.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::host {

/// The user's options for `host`.
struct HostOptions {
    std::filesystem::path machine{}; // empty: machines/host.toml
    std::vector<std::string> commands{};
    bool fresh = false;
    bool bare = false;
    bool instruction_clock = false;
    std::optional<double> timeout{};
    std::filesystem::path json{};
    std::string config{}; // of the image; empty: what the machine needs
    bool package = false; // only builds the package, and prints where it is
};

/// `trivisor host`: runs the machine whose first disk has the system that owns the machine. Returns the exit code, as
/// `run` has it.
[[nodiscard]] Result<int> run_host(Context& context, const HostOptions& options);

/// The run that these options mean.
[[nodiscard]] Result<run::RunOptions> host_run(const HostOptions& options, const machine::MachineDescription& machine);

} // namespace trv::tool::host
