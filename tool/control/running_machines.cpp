// SPDX-License-Identifier: Apache-2.0
#include "tool/control/running_machines.hpp"

#include "tool/control/unix_socket.hpp"
#include "tool/run_folder/run_folder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace trv::tool::control {

Result<std::filesystem::path> find_running(const Paths& paths, const std::string& name) {
    std::vector<std::filesystem::path> fitting;
    std::vector<std::string> names;
    for (const auto& entry : run_folder::all_runs(paths)) {
        std::error_code ignored;
        if (!run_folder::is_running(entry.path) || !std::filesystem::exists(entry.path / socket_name, ignored)) {
            continue;
        }
        const std::string run = entry.path.filename().string();
        names.push_back(run);
        if (name.empty() || name == entry.machine || name == run) {
            fitting.push_back(entry.path);
        }
    }
    if (names.empty()) {
        return usage_error("machine", "", "no machine of this checkout is running",
                           "Start one in another terminal: ./trivisor run machines/two.toml");
    }
    if (fitting.empty()) {
        return usage_error("--machine", name, "no such machine is running",
                           fmt::format("Running: {}.", fmt::join(names, ", ")));
    }
    if (fitting.size() > 1) {
        return usage_error("machine", "", "several machines are running",
                           fmt::format("Name one with --machine: {}.", fmt::join(names, ", ")));
    }
    return fitting.front();
}

} // namespace trv::tool::control
