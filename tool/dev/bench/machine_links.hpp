// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/deadline.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/process/process.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace trv::tool::dev::bench {

/// Listens to the console of a VM whose machine another `run` keeps running.
class ConsoleWatch {
  public:
    [[nodiscard]] static Result<ConsoleWatch> open(const std::filesystem::path& run_folder, const std::string& vm);

    /// Returns when the VM has said `text`, after open().
    [[nodiscard]] Result<void> wait_for(std::string_view text, double seconds);

  private:
    ConsoleWatch(FileDescriptor socket, std::string vm) : socket_{std::move(socket)}, vm_{std::move(vm)} {}

    FileDescriptor socket_;
    std::string vm_;
    std::string heard_;
};

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
