// SPDX-License-Identifier: Apache-2.0
#pragma once
// The detours of a call that has OP-TEE register or unregister memory before, or instead of, the guest's message.

#include "tee/optee/call/stages.hpp"
#include "tee/optee/call/tee_thread.hpp"
#include "tee/optee/guest/page_list_walk.hpp"
#include "tee/optee/message/checked_message.hpp"
#include "tee/optee/shared_memory/shared_memory.hpp"

#include <optional>

namespace trv::tee::optee {

class Call;

/// A buffer that a call fills or releases.
struct BufferInWork {
    u32 buffer = SharedMemory::none;
    PageListWalk walk;
    Stage next = Stage::Complete; ///< after its release

    /// Pins its next pages, and lists them for OP-TEE if it is to be registered as a whole.
    /// @return whether these were the last ones; errors as PageListWalk::step()'s
    [[nodiscard]] Result<bool> fill(Call& call);
    /// Releases its next pages.
    Next release(Call& call);
};

/// OP-TEE's core maps a page list while it reads it, a page at a time [msg_param.c]: the room that this takes.
class ListRoom {
  public:
    explicit ListRoom(SharedMemory& shared) : shared_(shared) {}
    ~ListRoom() { give_back(); }
    ListRoom(const ListRoom&) = delete;
    ListRoom& operator=(const ListRoom&) = delete;

    /// @param block from References::begin_list(). @return whether there is room
    [[nodiscard]] bool take(u32 block) {
        block_ = block;
        return block != SharedMemory::none;
    }
    void give_back() {
        if (block_ != SharedMemory::none) {
            shared_.references.end_list(std::exchange(block_, SharedMemory::none));
        }
    }

  private:
    SharedMemory& shared_;
    u32 block_ = SharedMemory::none;
};

class BufferWork {
  public:
    explicit BufferWork(SharedMemory& shared) : list_room_(shared) {}

    /// Takes a retired buffer, for OP-TEE to forget. @return false if there is none
    [[nodiscard]] bool takes_retired(const Call& call);
    /// Makes what the call refers to known to OP-TEE.
    /// @return nothing if all of it is
    [[nodiscard]] std::optional<Next> windows(Call& call);

    // REGISTER_SHM and UNREGISTER_SHM, in the guest's own message.

    /// @return the next stage
    [[nodiscard]] std::expected<Stage, Rejection> prepare_register(const Call& call);
    [[nodiscard]] std::expected<Stage, Rejection> prepare_unregister(const Call& call);

    // Stages.

    Next collect(Call& call);
    Next send_buffer(Call& call);
    Next evict_all(Call& call);
    Next forget(Call& call);
    Next release(Call& call);
    /// OP-TEE has executed a message of this class.
    Next returned(Call& call);
    /// Unpins the buffer that was being filled; the call is about to end.
    Next abandon(Call& call);

  private:
    [[nodiscard]] std::optional<Next> register_window(Call& call, Memref& memref);
    Next registered(Call& call);
    Next window_returned(Call& call);
    void end_loan(const Call& call) const;
    Next forgotten(Call& call);
    [[nodiscard]] std::optional<Next> evict_one(Call& call, Stage after);
    Next evict(Call& call, u32 window, Stage after);
    static Next send_register(Call& call, Work work, u64 buf_ptr, u64 size, u64 cookie);
    static Next send_unregister(Call& call, Work work, u64 cookie);

    BufferInWork own_;                   ///< that the guest registers or unregisters, or a retired one
    u32 window_ = SharedMemory::none;    ///< being registered or unregistered
    u32 at_param_ = 0;                   ///< the parameter that windows() handles
    Stage after_evict_ = Stage::Windows; ///< when OP-TEE has forgotten a window that was in the way
    ListRoom list_room_;
};

} // namespace trv::tee::optee
