// SPDX-License-Identifier: Apache-2.0
#pragma once
// What calls refer to, and what OP-TEE's core maps for it.

#include "tee/optee/shared_memory/records.hpp"

#include <span>

namespace trv::tee::optee {

class References {
  public:
    explicit References(Records& records) : records_(records) {}

    /// For an argument in registered memory. @return the record; Refusal::UnknownCookie
    [[nodiscard]] Checked<u32> use(u64 guest_cookie) EXCLUDES(records_.lock);
    /// @param joins whether it is the call's first reference
    /// @return Refusal::UnknownCookie, BadMessage (beyond the buffer), MapBudget
    [[nodiscard]] Checked<Memref> use(u64 guest_cookie, u64 offset, u64 size, bool joins) EXCLUDES(records_.lock);
    /// Drops a call's uses.
    /// @param bits     which of the references
    /// @param argument the record its argument is in, or none
    void drop(std::span<const Memref> memrefs, u32 bits, u32 argument) EXCLUDES(records_.lock);

    /// What OP-TEE's core may have to map for a reference; 0 if it means nothing.
    [[nodiscard]] u32 pages_to_map(u64 guest_cookie, u64 offset, u64 size) const EXCLUDES(records_.lock);
    /// It has mapped the buffer that answered its request, or will not.
    void settle(u32 buffer) EXCLUDES(records_.lock);
    /// It is about to read a list, a page at a time.
    /// @param memrefs which the call has that comes after it; @param bits which of them are valid
    /// @return for end_list(), or none if there is no room
    [[nodiscard]] u32 begin_list(std::span<const Memref> memrefs, u32 bits) EXCLUDES(records_.lock);
    void end_list(u32 block) EXCLUDES(records_.lock);
    /// Whether an application of usual size could be loaded now: storage is looked into, then it is fetched.
    [[nodiscard]] bool could_load() const EXCLUDES(records_.lock);

  private:
    static constexpr u32 none = Records::none;

    void drop(const Memref& memref) REQUIRES(records_.lock);
    [[nodiscard]] Checked<Memref> refer(u64 guest_cookie, u64 offset, u64 size) REQUIRES(records_.lock);
    [[nodiscard]] Memref locate(u32 buffer, u64 offset, u64 size) const;
    [[nodiscard]] IdleBlocks idle_blocks(std::span<const Memref> memrefs, u32 bits) const REQUIRES(records_.lock);

    Records& records_;
};

} // namespace trv::tee::optee
