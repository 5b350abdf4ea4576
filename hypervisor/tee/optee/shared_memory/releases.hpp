// SPDX-License-Identifier: Apache-2.0
#pragma once
// The end of buffers: OP-TEE unregisters them, then their pages are unpinned in slices.

#include "tee/optee/shared_memory/records.hpp"

namespace trv::tee::optee {

class Releases {
  public:
    explicit Releases(Records& records) : records_(records) {}

    /// UNREGISTER_SHM: removes the cookie. @return the record, Releasing; Refusal::UnknownCookie
    [[nodiscard]] Checked<u32> detach(u64 guest_cookie) EXCLUDES(records_.lock);
    /// Relaxed: a call that misses a concurrent change leaves it to the next call.
    [[nodiscard]] bool has_retired() const { return records_.retired_buffers.load(std::memory_order_relaxed) != 0; }
    /// A retired buffer that is not in use any more, now Releasing; or none.
    [[nodiscard]] u32 take_retired() EXCLUDES(records_.lock);
    /// If it is lent: the name of the loan, which ends now, before anything else of it does. 0: it is not
    [[nodiscard]] u64 take_loan(u32 buffer) EXCLUDES(records_.lock);
    /// The next part of a Releasing buffer to unregister with OP-TEE.
    struct Forgetting {
        u64 tee_cookie; ///< 0: nothing
        u32 window;     ///< none: the whole buffer
    };
    [[nodiscard]] Forgetting next_to_forget(u32 buffer) EXCLUDES(records_.lock);
    void forgotten(u32 buffer, bool success) EXCLUDES(records_.lock);
    /// Whether the pins may be dropped. If not, the buffer is retired or stuck, and no longer the caller's.
    [[nodiscard]] bool may_release(u32 buffer) EXCLUDES(records_.lock);
    /// Unpins up to `most` pages, and removes them from the buffer. @return whether the record is free
    [[nodiscard]] bool release_step(u32 buffer, u32& most) EXCLUDES(records_.lock);
    /// A new driver has started: retires its predecessor's buffers.
    void retire_all() EXCLUDES(records_.lock);
    /// After OP-TEE's partition is destroyed: unpins the next part of all buffers. @return whether all is unpinned
    [[nodiscard]] bool destroy_step(u32 most) EXCLUDES(records_.lock);

  private:
    static constexpr u32 none = Records::none;

    void free_record(u32 buffer) REQUIRES(records_.lock);

    Records& records_;
    u32 destroyed_ = 0; ///< records that destroy_step() has finished
};

} // namespace trv::tee::optee
