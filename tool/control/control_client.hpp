// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/control/control_request.hpp"
#include "tool/control/line_stream.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace trv::tool::control {

/// Sends a command to the hypervisor's monitor of a running machine, and returns its reply, which may report a failure.
/// @param command  a command line for the monitor, such as "pause alpha"
[[nodiscard]] Result<nlohmann::ordered_json> ask_monitor(const std::filesystem::path& run_folder,
                                                         const std::string& command);

/// A connection to a VM's console: bytes as the VM writes and reads them.
[[nodiscard]] Result<FileDescriptor> attach_console(const std::filesystem::path& run_folder, const std::string& vm);

/// The machine's events from now on, a line of JSON each, as contract/events.hpp has them; no replies.
[[nodiscard]] Result<LineStream> follow_events(const std::filesystem::path& run_folder);

/// The lines that OP-TEE writes from now on, except those about other VMs.
[[nodiscard]] Result<LineStream> follow_tee(const std::filesystem::path& run_folder, const std::string& vm);

/// A conversation with a VM's agent: lines of contract/agent.hpp.
struct AgentConnection {
    LineStream lines;
    unsigned first_id; ///< of the numbers for this conversation's requests
    bool ready;        ///< the agent is up; otherwise its greeting follows when it is
};
[[nodiscard]] Result<AgentConnection> attach_agent(const std::filesystem::path& run_folder, const std::string& vm);

} // namespace trv::tool::control
