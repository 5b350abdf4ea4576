#pragma once
// The tables that boot/start.S made: 1 GiB blocks, in use until HostSpace's are installed.

#include "lib/types.hpp"

namespace trv::boot {

/// Maps what else of RAM the early tables can reach, so that the frame pool can use it.
/// @return false where another level-1 table would be needed: a machine with such a bank cannot be used
[[nodiscard]] bool extend_early_map(PaRange bank);

} // namespace trv::boot
