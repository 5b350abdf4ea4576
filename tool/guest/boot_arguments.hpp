// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/machine_description.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trv::tool::guest {

/// What the guest agent does with its console: a shell for people, or the output of commands only.
enum class Mode : std::uint8_t { Shell, Exec };

/// The kernel's command line of a VM with an initramfs: the user's parameters, and ours for the agent and the kernel.
/// Without an initramfs it is the user's alone.
[[nodiscard]] std::string initramfs_arguments(const machine::VmDescription& vm, Mode mode);

/// Whether a command line has this parameter.
[[nodiscard]] bool has_parameter(std::string_view line, std::string_view name);

/// Ours, and the user's behind them. A kernel that panics resets its VM, unless the user wants something else.
[[nodiscard]] std::string with_own(std::string_view users, std::string ours);

} // namespace trv::tool::guest
