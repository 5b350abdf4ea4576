// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool::host {

/// Builds the package trivisor-host for the host VM, unless nothing has changed, and returns its file: the programs, their
/// manual page and completion, systemd's units and an example VM. Equal content gives equal bytes.
[[nodiscard]] Result<std::filesystem::path> require_host_package(Context& context);

} // namespace trv::tool::host
