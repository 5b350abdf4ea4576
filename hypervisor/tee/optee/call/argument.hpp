// SPDX-License-Identifier: Apache-2.0
#pragma once
// The argument of a guest's call: where it is, and its words.

#include "memory/physical/pin.hpp"
#include "tee/guest_memory.hpp"
#include "tee/optee/call/answer.hpp"
#include "tee/optee/guest/guest_block.hpp"
#include "tee/optee/message/checked_message.hpp"
#include "tee/optee/message/shadow.hpp"
#include "tee/optee/shared_memory/uses.hpp"

namespace trv::tee::optee {

/// How the guest passed it. None: not a guest's call.
enum class Form : u8 { Arg, RpcArg, RegdArg, None };

struct CallRequest {
    Form form = Form::Arg;
    u64 place = 0;  ///< IPA, or the guest's cookie
    u32 offset = 0; ///< in the registered buffer
    u8 vcpu = 0;
    /// Remaining attempts at orphans and lost sessions: the end of one may let another continue.
    u16 tries_left = 2 * max_threads;
    /// The guest has had a request in reply.
    bool answered = false;
    /// It was begun before, and counted.
    bool again = false;
};

class Argument {
  public:
    /// Pins its page, or takes a use of its buffer; then reads the header, once, and checks that the size in it is
    /// within the page or buffer.
    /// @param notifications whether they were offered to the VM
    [[nodiscard]] std::expected<void, Rejection> locate(const CallRequest& request, GuestMemory& memory,
                                                        SharedMemory& shared, Uses& uses, bool notifications);
    /// Reads the parameters, once, and checks everything except against tables. Precondition: it is located.
    [[nodiscard]] std::expected<void, Rejection> read(CheckedMessage& message) const {
        return fetch_message(block_, header_, message);
    }
    /// Writes only output fields; the result comes last, so that a guest that polls it sees the others.
    /// @param results what OP-TEE wrote
    void write_back(const CheckedMessage& message, const Answer& answer, const ShadowMessage& results) const;

    /// The guest's RPC argument, which is behind it in all forms but Arg.
    [[nodiscard]] GuestBlock rpc_block() const { return block_.behind(msg::size_of(header_.num_params)); }

  private:
    [[nodiscard]] std::expected<void, Rejection> find(const CallRequest& request, GuestMemory& memory,
                                                      SharedMemory& shared, Uses& uses);

    memory::Pin pin_;
    GuestBlock block_;
    u64 room_ = 0; ///< bytes up to the end of the page or buffer
    msg::Header header_{};
};

} // namespace trv::tee::optee
