// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers that the tool, the hypervisor and the guests' programs agree on.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trv::contract {

inline constexpr unsigned max_vms = 16;  ///< in the machine tree and in the VM table
inline constexpr unsigned max_vcpus = 8; ///< of one VM
inline constexpr unsigned max_cpus = 8;  ///< physical CPUs; an image may be built for fewer

inline constexpr std::uint64_t memory_step = 2 * 1024 * 1024; ///< a VM's memory is a multiple of it

/// The longest command line of a guest's kernel, in bytes: arm64 Linux has room for 2048, of which the last is a zero.
inline constexpr std::size_t max_bootargs = 2047;

/// Names of VMs: 1 to max_label characters of a to z, 0 to 9 and '-'.
inline constexpr std::size_t max_label = 31;
[[nodiscard]] constexpr bool is_label(std::string_view text) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= max_label && std::ranges::all_of(text, allowed);
}

// A VM's use of OP-TEE.
inline constexpr std::size_t uuid_size = 16;
inline constexpr std::size_t max_tee_rules = 32; ///< UUIDs in each list
inline constexpr unsigned most_tee_sessions = 4096;
inline constexpr unsigned most_tee_pinned_pages = 1U << 20;
inline constexpr unsigned most_tee_buffers = 4096;
inline constexpr unsigned most_tee_calls = 8;
/// Pairs of address-space identifiers of an OP-TEE whose tree does not say: MMU_NUM_ASID_PAIRS [core_mmu.c].
inline constexpr unsigned usual_address_spaces = 64;
/// A larger budget lets a guest make OP-TEE panic, which would take every VM's OP-TEE away; docs/internals/mediator.md
/// explains the number.
inline constexpr unsigned most_tee_mapped_pages = 1280;

} // namespace trv::contract
