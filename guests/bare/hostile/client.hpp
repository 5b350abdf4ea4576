// SPDX-License-Identifier: Apache-2.0
#pragma once
// An OP-TEE client with an argument page of its own. It begins honest; attacks change the message before it is sent.

#include "guests/bare/hostile/supplicant.hpp"

namespace trv::bare::hostile {

/// How a call ended: by its code alone unless that is OK.
struct Answer {
    u32 code = 0;
    u32 ret = 0;
    u32 origin = 0;

    [[nodiscard]] bool is_good() const { return code == abi::Ok && ret == ok; }
};

class Client {
  public:
    /// @param page   where its arguments are written
    /// @param cookie for that page, once it is registered
    constexpr Client(Page& page, u64 cookie) : page_(page), cookie_(cookie) {}

    [[nodiscard]] Page& page() const { return page_; }
    [[nodiscard]] u64 cookie() const { return cookie_; }
    [[nodiscard]] Message& argument() const { return message_at(page_.address()); }
    /// The place of requests for a call with this number of parameters.
    [[nodiscard]] Message& rpc_argument(u32 num_params) const {
        return message_at(page_.address() + msg::size_of(num_params));
    }

    /// Begins a message: all else is zero.
    Message& prepare(msg::Command command, u32 num_params) const;
    Message& prepare_open(const tee::optee::Uuid& application) const;
    Message& prepare_invoke(u32 session, u32 num_params = 1) const;
    Message& prepare_register(u64 cookie, u64 list, u64 size) const;

    /// Sends what was prepared, without serving it.
    [[nodiscard]] Call begin(Form form = Form::RpcArg) const;
    /// What stands in the argument after `code`.
    [[nodiscard]] Answer answer(u32 code) const;
    /// Sends what was prepared, until it has ended.
    Answer send(Supplicant& supplicant, Form form = Form::RpcArg) const;
    Answer send(Form form = Form::RpcArg) const;

    Answer register_list(u64 cookie, u64 list, u64 size) const;
    /// @param list is filled
    Answer register_page(u64 cookie, const Page& page, Page& list) const;
    Answer unregister(u64 cookie) const;
    /// @return its number is session() then
    Answer open(const tee::optee::Uuid& application, Form form = Form::RpcArg) const;
    [[nodiscard]] u32 session() const { return argument().header.session; }
    /// The first command with one memory reference.
    Answer invoke(u32 session, u64 cookie, u64 offset, u64 size, Form form = Form::RpcArg) const;
    Answer close(u32 session, Form form = Form::RpcArg) const;

  private:
    Page& page_;
    u64 cookie_;
};

/// The boot vCPU's, and the other's.
extern const Client first;
extern const Client second;

} // namespace trv::bare::hostile
