#pragma once
// The implementation's side of lib/log.hpp, for console/ alone.

#include "console/channel.hpp"

namespace trv::console {

/// Sends the early lines to `channel`, and from now on every line.
void open_log(Channel& channel);

} // namespace trv::console
