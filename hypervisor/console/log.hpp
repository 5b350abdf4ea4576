// SPDX-License-Identifier: Apache-2.0
#pragma once
// The implementation's side of lib/log.hpp, and the recent lines.

#include "console/json_writer.hpp"
#include "console/wire/channel.hpp"

namespace trv::console {

/// Writes into `json` an array of at most the last `most` lines, oldest first.
void write_recent_lines(JsonWriter& json, std::size_t most);

/// Sends the early lines to `channel`, and every line from now on.
void open_log(Channel& channel);
/// Keeps lines for the next open_log(). Context: one CPU; only tests open a console twice.
void close_log();

} // namespace trv::console
