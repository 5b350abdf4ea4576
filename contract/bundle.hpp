// SPDX-License-Identifier: Apache-2.0
#pragma once
// A bundle: what a boot loader passes to the hypervisor as its initial RAM disk when it knows nothing of virtual machines.
// It is an archive in cpio's "newc" format with a machine tree and the images of the VMs.

#include <cstddef>
#include <string_view>

namespace trv::contract::bundle {

/// The member with a flattened tree that has /chosen/trivisor. Its `kernel` and `ramdisk` name members of the archive.
inline constexpr std::string_view tree_member = "trivisor/machine.dtb";
/// Instead of a member's name: all that the boot loader appended to the archive, such as a distribution's own initial RAM
/// disk.
inline constexpr std::string_view appended = "appended";
inline constexpr std::size_t max_members = 64;

} // namespace trv::contract::bundle
