// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/deadline.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/process/process.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace trv::tool::dev::bench {

/// A machine that runs beside us, as a `run` of its own, and its monitor.
class MonitorLink {
  public:
    /// Starts the machine and waits until its monitor answers.
    /// @param machine  a description of machines/, without its ending; no other run of it may go on
    /// @param keeper   VM=COMMAND, a command that does not end: without one the run would be interactive
    /// @param log      the run's output
    [[nodiscard]] static Result<MonitorLink> start(const Paths& paths, const std::string& machine,
                                                   const std::string& keeper, const std::filesystem::path& log);

    /// The monitor's answer; that it refused is an error.
    [[nodiscard]] Result<nlohmann::ordered_json> ask(const std::string& command) const;

    /// Ends the machine.
    [[nodiscard]] Result<void> power_off();

    [[nodiscard]] const std::filesystem::path& run_folder() const { return folder_; }

  private:
    MonitorLink(Process run, std::filesystem::path folder) : run_{std::move(run)}, folder_{std::move(folder)} {}

    Process run_;
    std::filesystem::path folder_;
};

} // namespace trv::tool::dev::bench
