// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest's end of the agent's lines (contract/agent.hpp) on the second PL011.

namespace trv::bare {

/// Serves requests until one of them ends the VM.
[[noreturn]] void run_agent();

} // namespace trv::bare
