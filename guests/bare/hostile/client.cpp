// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/hostile/client.hpp"

#include <bit>

namespace trv::bare::hostile {
namespace {

constinit Page argument_pages[2]{};

} // namespace

constinit const Client first{argument_pages[0], 0xffff'0000'c0de'0000};
constinit const Client second{argument_pages[1], 0xffff'0000'c0de'1000};

Message& Client::prepare(msg::Command command, u32 num_params) const {
    page_.words.fill(0);
    Message& message = argument();
    message.header.cmd = static_cast<u32>(command);
    message.header.num_params = num_params;
    message.header.ret = ~u32{0}; // must be overwritten
    return message;
}

Message& Client::prepare_open(const tee::optee::Uuid& application) const {
    Message& message = prepare(msg::Command::OpenSession, 2);
    const auto words = std::bit_cast<std::array<u64, 2>>(application);
    message.params[0] = {msg::ValueIn | msg::Meta, words[0], words[1], 0};
    message.params[1] = {msg::ValueIn | msg::Meta, 0, 0, 0};
    return message;
}

Message& Client::prepare_invoke(u32 session, u32 num_params) const {
    Message& message = prepare(msg::Command::InvokeCommand, num_params);
    message.header.session = session;
    return message;
}

Message& Client::prepare_register(u64 cookie, u64 list, u64 size) const {
    Message& message = prepare(msg::Command::RegisterShm, 1);
    message.params[0] = {msg::TmemOut | msg::Noncontiguous, list, size, cookie};
    return message;
}

Call Client::begin(Form form) const {
    const bool registered = form == Form::RegdArg;
    Message* const rpc = form == Form::Arg ? nullptr : &rpc_argument(argument().header.num_params);
    return hostile::begin(form, registered ? cookie_ : page_.address(), 0, rpc);
}

Answer Client::answer(u32 code) const {
    if (code != abi::Ok) {
        return {code, 0, 0};
    }
    return {code, argument().header.ret, argument().header.ret_origin};
}

Answer Client::send(Supplicant& supplicant, Form form) const {
    Call call = begin(form);
    return answer(supplicant.run(call));
}

Answer Client::send(Form form) const {
    HonestSupplicant honest;
    return send(honest, form);
}

Answer Client::register_list(u64 cookie, u64 list, u64 size) const {
    prepare_register(cookie, list, size);
    return send();
}

Answer Client::register_page(u64 cookie, const Page& page, Page& list) const {
    list.words[0] = page.address();
    return register_list(cookie, list.address(), page_size);
}

Answer Client::unregister(u64 cookie) const {
    prepare(msg::Command::UnregisterShm, 1).params[0] = {msg::RmemIn, 0, 0, cookie};
    return send();
}

Answer Client::open(const tee::optee::Uuid& application, Form form) const {
    prepare_open(application);
    return send(form);
}

Answer Client::invoke(u32 session, u64 cookie, u64 offset, u64 size, Form form) const {
    prepare_invoke(session).params[0] = {msg::RmemOut, offset, size, cookie};
    return send(form);
}

Answer Client::close(u32 session, Form form) const {
    prepare(msg::Command::CloseSession, 0).header.session = session;
    return send(form);
}

} // namespace trv::bare::hostile
