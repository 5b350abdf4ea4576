// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/consoles/channel_watch.hpp"

#include <string>

namespace trv::host::consoles {

/// Attaches the user's terminal to a VM's console until the user detaches, or the VM is gone. What the VM wrote before,
/// as far as it is kept, comes first. Input that is not a terminal is passed on until it ends; output is still shown.
/// @param index  of the VM
[[nodiscard]] tool::Result<void> run_console(const Connect& connect, const std::string& name, unsigned index);

} // namespace trv::host::consoles
