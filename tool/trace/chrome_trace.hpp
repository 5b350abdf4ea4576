// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/trace/trace_log.hpp"

#include <ostream>
#include <string>
#include <vector>

namespace trv::tool::trace {

/// Writes the log as JSON that the Perfetto UI and chrome://tracing open; docs/guide/tracing.md describes the content.
/// @param vm_names  in the order of the machine description
void write_chrome_trace(std::ostream& out, const TraceLog& log, const std::vector<std::string>& vm_names);

} // namespace trv::tool::trace
