// SPDX-License-Identifier: Apache-2.0
#pragma once
// The VMs of a bundle: contract/bundle.hpp.

#include "lib/types.hpp"
#include "machine/description.hpp"
#include "machine/problems.hpp"

#include <span>

namespace trv::machine {

/// Reads the VMs from the boot loader's initial RAM disk, if it is a bundle; otherwise it changes nothing. What is wrong
/// with it is reported as a problem.
/// @param initrd  with its content, which the VMs' strings and images stay in; moves its machine tree to where a tree may
///                be
/// @param at      its physical address
/// @param machine the hardware, already parsed
void parse_bundle(std::span<u8> initrd, Pa at, Machine& machine, Problems& problems);

} // namespace trv::machine
