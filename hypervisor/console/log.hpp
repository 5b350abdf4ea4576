#pragma once
// The implementation's side of lib/log.hpp, and what was logged lately.

#include "console/channel.hpp"
#include "console/json_writer.hpp"

namespace trv::console {

/// Into `json`: an array of the last `most` lines at most, oldest first.
void write_recent_lines(JsonWriter& json, std::size_t most);

/// Sends the early lines to `channel`, and from now on every line.
void open_log(Channel& channel);

} // namespace trv::console
