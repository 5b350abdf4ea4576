// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/control/line_stream.hpp"
#include "tool/support/error.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/ta/deploy/agent_link.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::ta {

/// The sinks of a run's lines.
struct RunOutput {
    std::function<void(std::string_view)> on_guest_line; ///< of the script
    std::function<void(std::string_view)> on_tee_line;   ///< of OP-TEE's console
};

/// What scripts run in, one after the other. Its owner adds what ends one early: a source that sets `interrupted`.
struct ScriptLoop {
    EventLoop loop{};
    bool interrupted = false;
};

/// Runs a script in the VM until it ends or is interrupted, and passes on its output and OP-TEE's meanwhile.
/// @param tee  OP-TEE's lines for that VM
/// @return the script's exit code; nothing when it was interrupted
[[nodiscard]] Result<std::optional<int>> run_script(ScriptLoop& loop, AgentLink& link, control::LineStream tee,
                                                    const std::string& script, const RunOutput& output);

} // namespace trv::tool::ta
