// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE's side of a call: the message that it executes, and the thread that executes it.

#include "arch/smccc.hpp"
#include "tee/optee/message/arena.hpp"
#include "tee/optee/message/shadow.hpp"

#include <array>

namespace trv::tee::optee {

struct Tables;

/// What OP-TEE is doing for the call.
enum class Work : u8 { Main, Register, Window, EvictWindow, Forget };

class TeeThread {
  public:
    /// @param slot of the call
    TeeThread(ArenaSlot arena, unsigned slot) : arena_(arena), slot_(static_cast<u8>(slot)) {}

    /// The message, which OP-TEE reads, and where it writes its results.
    [[nodiscard]] ShadowMessage message() const { return ShadowMessage(arena_.message()); }
    /// The RPC argument behind it.
    [[nodiscard]] ShadowMessage rpc_argument() const {
        return ShadowMessage(arena_.message() + msg::size_of(sent_params_));
    }
    /// Room for an RPC argument that OP-TEE requests.
    [[nodiscard]] ShadowMessage other_rpc_argument() const { return ShadowMessage(arena_.alloc()); }
    /// The page list of what is being registered.
    [[nodiscard]] ShadowList list() const { return ShadowList(arena_.list()); }

    /// Enters OP-TEE with the message in the arena.
    void send(Tables& tables, Work work, u32 num_params);
    /// Enters OP-TEE where the thread waits for a reply. `answer` is for its a1, a2, a4 and a5.
    void reenter(Tables& tables, const std::array<u64, 4>& answer);

    /// The values with which OP-TEE returned.
    [[nodiscard]] u32 code() const { return static_cast<u32>(result_.a[0]); }
    [[nodiscard]] u64 value(unsigned index) const { return result_.a[index]; }
    /// Whether the thread waits for a reply, rather than having ended.
    [[nodiscard]] bool is_suspended() const { return suspended_; }
    [[nodiscard]] Work work() const { return work_; }
    /// Whether the message was executed without an error.
    [[nodiscard]] bool succeeded() const;

  private:
    void enter(Tables& tables, const arch::SmcArguments& entry);

    ArenaSlot arena_;
    u8 slot_;
    Work work_ = Work::Main;
    bool suspended_ = false;
    u32 number_ = 0; ///< OP-TEE's, of the suspended thread
    u32 sent_params_ = 0;
    arch::SmcResult result_{};
};

} // namespace trv::tee::optee
