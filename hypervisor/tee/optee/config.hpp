// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's policy and limits for its TEE: plain values from the machine description.

#include "contract/limits.hpp"
#include "lib/fixed_vector.hpp"
#include "tee/optee/uuid.hpp"

#include <string_view>

namespace trv::tee::optee {

/// The maximum number of calls of one VM in flight, however many OP-TEE supports.
inline constexpr unsigned max_threads = contract::most_tee_calls;

/// Pages that a call collects or unpins between two checks for interrupts.
inline constexpr u32 slice_pages = 128;

/// A VM's limits. At a limit the guest gets TEE_ERROR_OUT_OF_MEMORY; no other VM is affected.
struct Quotas {
    static constexpr u32 most_pinned_pages = contract::most_tee_pinned_pages;
    static constexpr u32 most_buffers = contract::most_tee_buffers;
    static constexpr u32 most_sessions = contract::most_tee_sessions;
    static constexpr u32 most_core_mapped_pages = contract::most_tee_mapped_pages;

    u32 pinned_pages = 8192;                        ///< 4 KiB pages of shared memory, at most most_pinned_pages
    u32 buffers = 512;                              ///< registered buffers, at most most_buffers
    u32 core_mapped_pages = most_core_mapped_pages; ///< pages that OP-TEE's core maps or may be made to map at once
    u32 calls = max_threads;                        ///< in flight; OP-TEE's thread count if that is less
    u32 sessions = 0; ///< open at one time, at most most_sessions; 0: what AddressSpaces leaves it
};

enum class Verdict : u8 { Deny, Allow };

/// The trusted applications to which a VM may open sessions. `deny` beats `allow` beats `otherwise`. OP-TEE's test and
/// statistics pseudo TAs need their own entries in `allow`.
struct PolicyConfig {
    static constexpr std::size_t max_rules = contract::max_tee_rules;
    FixedVector<Uuid, max_rules + 1> allow; ///< with room for an application of the hypervisor's own
    FixedVector<Uuid, max_rules> deny;
    Verdict otherwise = Verdict::Allow;
};

struct PartitionConfig {
    std::string_view name; ///< the VM's name, for log lines; must outlive the partition
    unsigned account = 0;  ///< of AddressSpaces: the VM's number, or hosts_account
    Quotas quotas;
    PolicyConfig policy;
};

} // namespace trv::tee::optee
