// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/peers/peer.hpp"
#include "tool/platform/platform.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <vector>

namespace trv::tool::dev::bench {

inline constexpr const char* guest_kernel = "debian:trixie/cloud"; // of every guest that is measured

/// Everything that any machine needs, and what only these peers do: firmware with the plain OP-TEE, Xen.
/// @param users  numbers of VMs with a TEE, of Trivisor's machines
[[nodiscard]] Result<void> set_up_peers(Context& context, const platform::Platform& platform,
                                        const std::vector<Peer>& peers, const std::vector<unsigned>& users);

} // namespace trv::tool::dev::bench
