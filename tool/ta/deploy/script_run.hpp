// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/ta/deploy/agent_link.hpp"
#include "tool/tee/tee_log.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::ta {

/// The sinks of a run's lines.
struct RunOutput {
    std::function<void(std::string_view)> on_guest_line; ///< of the script
    std::function<void(std::string_view)> on_tee_line;   ///< of OP-TEE's console
};

/// Runs a script in the VM until it ends, and passes on its output and OP-TEE's meanwhile.
/// @param interrupts  descriptors of which any that becomes readable ends the script
/// @return the script's exit code; nothing when it was interrupted
[[nodiscard]] Result<std::optional<int>> run_script(AgentLink& link, tee::TeeLog& log, const std::string& script,
                                                    const RunOutput& output, const std::vector<int>& interrupts);

} // namespace trv::tool::ta
