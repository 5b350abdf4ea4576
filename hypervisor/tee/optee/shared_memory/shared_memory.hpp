// SPDX-License-Identifier: Apache-2.0
#pragma once
// A VM's memory that is registered with OP-TEE: what is done with its records. Registration is here, the rest in parts.

#include "tee/optee/guest/page_list_walk.hpp"
#include "tee/optee/shared_memory/records.hpp"
#include "tee/optee/shared_memory/references.hpp"
#include "tee/optee/shared_memory/releases.hpp"
#include "tee/optee/shared_memory/windows.hpp"

namespace trv::tee::optee {

class SharedMemory {
    Records records_; // first, as its parts use it

  public:
    static constexpr u32 none = Records::none;

    SharedMemory() = default;
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    /// Allocates all memory for all quotas. Error::NoMemory, Error::Invalid
    [[nodiscard]] Result<void> create(memory::FrameTable& frames, const Quotas& quotas);

    References references{records_};
    Windows windows{records_};
    Releases releases{records_};

    // Creating a buffer.

    /// @return the record, Filling; Refusal::PinQuota, BufferQuota, MapBudget
    [[nodiscard]] Checked<u32> begin(BufferKind kind, const BufferExtent& extent, u64 guest_cookie)
        EXCLUDES(records_.lock);
    /// Takes over the pins.
    void append(u32 buffer, std::span<const memory::FrameRun> frames) EXCLUDES(records_.lock);
    /// Whether it is to be registered with OP-TEE as a whole.
    [[nodiscard]] bool is_whole(u32 buffer) const { return records_.is_whole(buffer); }
    /// Registration is complete, or not needed: the buffer becomes Active. Retires another buffer with the same cookie.
    void commit(u32 buffer, bool known) EXCLUDES(records_.lock);
    /// Registration failed; continue with Releases::release_step().
    void abandon(u32 buffer) EXCLUDES(records_.lock);
    /// Registration is complete, but its driver is gone.
    void commit_retired(u32 buffer) EXCLUDES(records_.lock);

    // Buffers from RPCs.

    struct RpcBuffer {
        u32 buffer;
        u64 guest_cookie;
        bool orphan;
    };
    /// OP-TEE frees a buffer. @return the record, Releasing
    [[nodiscard]] Checked<RpcBuffer> detach_rpc(u64 tee_cookie) EXCLUDES(records_.lock);
    struct GuestReference {
        u64 cookie;
        u64 offset; ///< to be added
    };
    /// The guest's cookie of a buffer that OP-TEE refers to.
    [[nodiscard]] Checked<GuestReference> guest_name(u64 tee_cookie) const EXCLUDES(records_.lock);

    // For what answers in OP-TEE's place, while a call holds a use of the buffer.

    /// Where in a buffer's pages that begins which OP-TEE knows by this cookie.
    struct Place {
        u32 buffer;
        u64 offset; ///< in bytes from the first page's start
    };
    [[nodiscard]] Checked<Place> place_of(u64 tee_cookie) const EXCLUDES(records_.lock);
    /// A buffer as a whole.
    struct Extent {
        u64 name; ///< OP-TEE's cookie
        u32 offset;
        u32 pages;
    };
    [[nodiscard]] Extent extent_of(u32 buffer) const {
        const Buffer& record = records_.buffers[buffer];
        return {record.tee_cookie, record.offset, record.pages};
    }
    /// From now on Releases::take_loan() knows it by its name. @return false if it has no cookie any more
    [[nodiscard]] bool lend(u32 buffer) EXCLUDES(records_.lock);
    /// Calls visit(memory::FrameRun) for `count` pages from `first` on.
    template <typename Visit>
    void for_each_run(u32 buffer, u32 first, u32 count, Visit visit) const {
        records_.buffers[buffer].runs.for_each_run(records_.chunks, first, count, visit);
    }

    // For a slot that holds the record.

    [[nodiscard]] u64 tee_cookie(u32 buffer) const { return records_.buffers[buffer].tee_cookie; }
    [[nodiscard]] u32 offset(u32 buffer) const { return records_.buffers[buffer].offset; }
    [[nodiscard]] u64 bytes(u32 buffer) const { return records_.buffers[buffer].bytes(); }
    [[nodiscard]] Pa page(u32 buffer, u32 index) const {
        return records_.buffers[buffer].runs.page(records_.chunks, index);
    }

    void report(Usage& usage) const EXCLUDES(records_.lock);

  private:
    [[nodiscard]] Checked<Place> find_known(u64 tee_cookie) const REQUIRES(records_.lock);
    [[nodiscard]] Checked<void> check_quotas(BufferKind kind, u32 pages) const REQUIRES(records_.lock);
};

} // namespace trv::tee::optee
