// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

namespace trv::host::serve {

/// The user of the programs that serve VMs; the package makes it.
inline constexpr const char* server_user = "trivisor-serve";

/// Makes this process, which is root's, that user's, for good. It may connect to backends, and keeps what it has open. It has
/// no other thread yet.
[[nodiscard]] tool::Result<void> give_up_root();

} // namespace trv::host::serve
