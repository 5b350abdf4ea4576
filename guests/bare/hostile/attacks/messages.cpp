// SPDX-License-Identifier: Apache-2.0
// Messages with the wrong command, the wrong number of parameters, or the wrong kind.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

using msg::Command;

Verdict unknown_command(u32 command) {
    first.prepare(Command::Cancel, 0).header.cmd = command;
    return expect_code(first.send(), abi::EBadCmd);
}

/// More parameters than fit: no argument; more than the command has: a wrong argument.
Verdict too_many(Command command, Form form, u32 count) {
    first.prepare_open(enumeration).header.cmd = static_cast<u32>(command);
    first.argument().header.num_params = count;
    const u64 needed = msg::size_of(count) + (form == Form::Arg ? 0 : msg::rpc_size);
    const Call call = begin(form, first.page().address(), 0, nullptr);
    const Answer answer = first.answer(call.code());
    return count > msg::most_params_anywhere || needed > page_size ? expect_code(answer, abi::EBadAddr)
                                                                   : expect_result(answer, bad_parameters);
}

void counts() {
    constexpr u32 many[] = {7,   8,   16,    64,     120,      122,         123,         124,         126,        127,
                            128, 255, 0x100, 0xffff, 0x1'0000, 0x0800'0000, 0x7fff'ffff, 0x8000'0000, 0xffff'ffff};
    for (const u32 count : many) {
        attack("so many parameters, CALL_WITH_ARG", u64{count},
               [&] { return too_many(Command::OpenSession, Form::Arg, count); });
        attack("so many parameters, CALL_WITH_RPC_ARG", u64{count},
               [&] { return too_many(Command::OpenSession, Form::RpcArg, count); });
    }
    attack("OPEN_SESSION with 0 parameters", [] { return too_many(Command::OpenSession, Form::RpcArg, 0); });
    attack("OPEN_SESSION with 1 parameter", [] { return too_many(Command::OpenSession, Form::RpcArg, 1); });
    attack("INVOKE_COMMAND with 5 parameters", [] { return too_many(Command::InvokeCommand, Form::RpcArg, 5); });
    attack("CLOSE_SESSION with 1 parameter", [] { return too_many(Command::CloseSession, Form::RpcArg, 1); });
    attack("CANCEL with 1 parameter", [] { return too_many(Command::Cancel, Form::RpcArg, 1); });
    attack("REGISTER_SHM with 0 parameters", [] { return too_many(Command::RegisterShm, Form::RpcArg, 0); });
    attack("REGISTER_SHM with 2 parameters", [] { return too_many(Command::RegisterShm, Form::RpcArg, 2); });
    attack("UNREGISTER_SHM with 0 parameters", [] { return too_many(Command::UnregisterShm, Form::RpcArg, 0); });
    attack("UNREGISTER_SHM with 2 parameters", [] { return too_many(Command::UnregisterShm, Form::RpcArg, 2); });
}

void identities() {
    for (const u64 attr :
         {u64{0}, u64{1}, u64{0x102}, u64{0x103}, u64{0x105}, u64{0x10a}, u64{0x301}, u64{0x1'0101}, ~u64{0}}) {
        for (u32 i = 0; i < 2; ++i) {
            attack(i == 0 ? "OPEN_SESSION: attribute of the application" : "OPEN_SESSION: attribute of the client",
                   attr, [&] {
                       first.prepare_open(enumeration).params[i].attr = attr;
                       return expect_result(first.send(), bad_parameters);
                   });
        }
    }
    for (const u64 attr :
         {u64{0}, msg::TmemOut, msg::TmemIn | msg::Noncontiguous, msg::TmemInOut | msg::Noncontiguous,
          msg::RmemOut | msg::Noncontiguous, msg::TmemOut | msg::Noncontiguous | msg::Meta, u64{0x1'020a}, ~u64{0}}) {
        attack("REGISTER_SHM: attribute", attr, [&] {
            first.prepare_register(0x1000, first.page().address(), page_size).params[0].attr = attr;
            return expect_result(first.send(), bad_parameters);
        });
    }
}

void wrong_sessions() {
    for (const u32 session : {0U, 1U, 2U, 3U, 0x7fff'ffffU, 0xffff'ffffU}) {
        attack("INVOKE_COMMAND in a session that is not open", u64{session}, [&] {
            first.prepare_invoke(session, 0);
            return expect_refusal(first.send());
        });
        attack("CLOSE_SESSION of a session that is not open", u64{session},
               [&] { return expect_refusal(first.close(session)); });
        attack("CANCEL in a session that is not open", u64{session}, [&] {
            first.prepare(Command::Cancel, 0).header.session = session;
            return expect_refusal(first.send());
        });
    }
}

} // namespace

void messages(std::string_view) {
    for (const u32 command : {8U, 9U, 10U, 11U, 12U, 0xffU, 0x100U, 0x7fff'ffffU, 0x8000'0000U, 0xffff'ffffU}) {
        attack("command", u64{command}, [&] { return unknown_command(command); });
    }
    counts();
    identities();
    wrong_sessions();
}

} // namespace trv::bare::hostile
