// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool::host {

/// Writes the initramfs of the example VM: the demo's root file system, with the example hello_world and its trusted
/// application, and with that client under the name and with the words that OP-TEE's own example has.
[[nodiscard]] Result<void> write_example(Context& context, const std::filesystem::path& out);

} // namespace trv::tool::host
