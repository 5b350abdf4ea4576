// SPDX-License-Identifier: Apache-2.0
#include "tee/manager/endpoint.hpp"

#include "arch/cpu/nospec.hpp"
#include "lib/log.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/model/optee_entry.hpp"

#include <algorithm>
#include <utility>

namespace trv::tee::manager {
namespace {

namespace abi = optee::abi;
namespace msg = optee::msg;
using contract::manager::Kind;
using optee::ShadowMessage;

constexpr optee::Uuid application{contract::manager::uuid};
/// The driver's UUID of "uid=0".
constexpr optee::Uuid root = optee::Uuid::from_fields(0xef01'80a3, 0x13f3, 0x5d1c, 0xb7f5'888c'0e21'059a);

/// The notification value that ends the wait of the call in a slot: the highest ones but 63, for which the driver's bitmap has
/// no room. OP-TEE gives its own out from 1 on
/// [core/kernel/notif_default.c], and a wait that ends too early is begun anew.
constexpr u32 first_value = optee::Notifications::values - 1 - optee::max_threads;

constexpr std::size_t commands = std::size(contract::manager::rows);

using Kinds = std::array<Kind, 4>;
/// Of each command's parameters: without the rows' texts.
constexpr std::array<Kinds, commands> kinds = [] {
    std::array<Kinds, commands> all{};
    for (std::size_t command = 0; command < commands; ++command) {
        for (std::size_t i = 0; i < Kinds().size(); ++i) {
            all[command][i] = contract::manager::rows[command].parameters[i].kind;
        }
    }
    return all;
}();

/// The type of a message's parameter.
u64 type_of(Kind kind) {
    switch (kind) {
    case Kind::None:
        return msg::None;
    case Kind::ValueIn:
        return msg::ValueIn;
    case Kind::ValueOut:
        return msg::ValueOut;
    case Kind::ValueInOut:
        return msg::ValueInOut;
    case Kind::MemoryIn:
        return msg::RmemIn;
    case Kind::MemoryOut:
        return msg::RmemOut;
    }
    return ~u64{0};
}

u64 type_of(const msg::Param& param) {
    return param.attr & msg::TypeMask;
}

arch::SmcResult code(u32 code) {
    return {{code, 0, 0, 0}};
}

void finish(ShadowMessage message, u32 result, u32 origin, u32 session) {
    msg::Header header = message.header();
    header.ret = result;
    header.ret_origin = origin;
    header.session = session;
    message.write_header(header);
}

} // namespace

Endpoint::Endpoint(Service& service, optee::Tables& tables, const Group& group, unsigned calls, unsigned threads)
    : service_(service), tables_(tables), group_(group), has_optee_(threads != 0), threads_(threads) {
    constexpr unsigned usual_calls = 2; // that do not wait
    service_.begin(*this, calls - std::min(calls, std::max(threads, usual_calls)));
}

arch::SmcResult Endpoint::enter(const arch::SmcArguments& entry, unsigned slot) {
    switch (static_cast<u32>(entry.a[0])) {
    case abi::CallWithRpcArg: {
        const ShadowMessage message(Pa(abi::from_halves(entry.a[1], entry.a[2])));
        return is_own(message) ? begin(message, slot) : pass_on(entry, slot);
    }
    case abi::ReturnFromRpc:
        return resume(entry, slot);
    case abi::EnableAsyncNotif:
        if (has_optee_) { // which may have none of its own
            (void)optee::enter_optee(entry);
        }
        return code(abi::Ok);
    default:
        return has_optee_ ? optee::enter_optee(entry) : code(abi::unknown_function);
    }
}

/// Without an OP-TEE all messages are.
bool Endpoint::is_own(ShadowMessage message) const {
    const msg::Header header = message.header();
    switch (static_cast<msg::Command>(header.cmd)) {
    case msg::Command::OpenSession: {
        const msg::Param name = message.param(0);
        return !has_optee_ || optee::Uuid::from_words(name.a, name.b) == application;
    }
    case msg::Command::InvokeCommand:
    case msg::Command::CloseSession:
    case msg::Command::Cancel:
        return !has_optee_ || (header.session & session_bit) != 0;
    default:
        return !has_optee_;
    }
}

arch::SmcResult Endpoint::begin(ShadowMessage message, unsigned slot) {
    if (execute(message, slot, false)) {
        return code(abi::Ok);
    }
    waiting_[slot] = message.pa();
    return ask_to_wait(message, slot);
}

/// Whatever the driver answered: its wait has ended.
arch::SmcResult Endpoint::resume(const arch::SmcArguments& entry, unsigned slot) {
    if (const Pa message = std::exchange(waiting_[slot], Pa()); message != Pa()) {
        (void)execute(ShadowMessage(message), slot, true);
        return code(abi::Ok);
    }
    return threads_.waits(slot) ? pass_on(held_[slot], slot) : returned(optee::enter_optee(entry), slot);
}

/// OP-TEE gets a call as soon as it has a thread for it: the host may have more calls in flight than OP-TEE has threads.
arch::SmcResult Endpoint::pass_on(const arch::SmcArguments& entry, unsigned slot) {
    if (threads_.enter(slot)) {
        return returned(optee::enter_optee(entry), slot);
    }
    held_[slot] = entry;
    return ask_to_wait(ShadowMessage(Pa(abi::from_halves(entry.a[1], entry.a[2]))), slot);
}

arch::SmcResult Endpoint::returned(const arch::SmcResult& result, unsigned slot) {
    if (!abi::is_rpc(static_cast<u32>(result.a[0]))) {
        if (const std::optional<unsigned> next = threads_.leave(slot)) {
            wake(u32{1} << *next);
        }
    }
    return result;
}

/// Writes a request behind the message, where the mediator expects it.
arch::SmcResult Endpoint::ask_to_wait(ShadowMessage message, unsigned slot) {
    const ShadowMessage request(message.pa() + msg::size_of(message.header().num_params));
    request.write_header({msg::rpc::Notification, 0, 0, 0, 0, 0, 0, 1});
    request.write_param(0, {msg::ValueIn, msg::rpc::notification_wait, first_value + slot, 0});
    return {{abi::RpcCommand, 0, 0, slot}};
}

/// @return nothing if the call has to wait; otherwise the answer, which is in the message
std::optional<Endpoint::Answer> Endpoint::execute(ShadowMessage message, unsigned slot, bool again) {
    const msg::Header header = message.header();
    std::optional<Answer> answer = Answer();
    switch (static_cast<msg::Command>(header.cmd)) {
    case msg::Command::OpenSession:
        answer = open(message);
        break;
    case msg::Command::InvokeCommand:
        answer = invoke(message, slot, again);
        break;
    case msg::Command::CloseSession:
        service_.close(SessionId(header.session));
        break;
    default: // memory comes and goes with the mediator's records; there is nothing else to do
        break;
    }
    if (answer) {
        finish(message, static_cast<u32>(answer->result), answer->origin, message.header().session);
    }
    return answer;
}

bool Endpoint::is_allowed(const msg::Param& identity) const {
    const optee::Uuid client = optee::Uuid::from_words(identity.a, identity.b);
    switch (static_cast<u32>(identity.c)) {
    case msg::login_user:
        return client == root;
    case msg::login_group:
        return client == group_;
    default:
        return false;
    }
}

Endpoint::Answer Endpoint::open(ShadowMessage message) {
    const msg::Param name = message.param(0);
    if (optee::Uuid::from_words(name.a, name.b) != application) {
        return {TeeResult::ItemNotFound};
    }
    if (!is_allowed(message.param(1))) {
        log_limited(tables_.log_limit, "{}: a program that is not allowed to use the manager was refused",
                    tables_.config.name);
        return {TeeResult::AccessDenied};
    }
    SessionId session{};
    const TeeResult result = service_.open(session);
    msg::Header header = message.header();
    header.session = static_cast<u32>(session);
    message.write_header(header);
    return {result, msg::origin_application};
}

bool Endpoint::take_parameter(Kind wanted, const msg::Param& given, Invocation::Parameter& taken) const {
    if (type_of(given) != type_of(wanted)) {
        return false;
    }
    if (wanted == Kind::ValueIn || wanted == Kind::ValueInOut) {
        taken.a = given.a;
        taken.b = given.b;
        taken.c = given.c;
    }
    if (wanted != Kind::MemoryIn && wanted != Kind::MemoryOut) {
        return true;
    }
    const optee::Checked<optee::SharedMemory::Place> place = tables_.shared.place_of(given.c);
    if (!place) {
        return false;
    }
    taken.memory = CallerMemory(tables_.shared, {place->buffer, place->offset + given.a}, given.b);
    return true;
}

std::optional<Endpoint::Answer> Endpoint::invoke(ShadowMessage message, unsigned slot, bool again) {
    const msg::Header header = message.header();
    if (header.func >= commands) {
        return Answer{TeeResult::NotSupported, msg::origin_application};
    }
    const std::size_t command = arch::nospec_index(header.func, commands);
    Invocation invocation{SessionId(header.session), static_cast<Command>(command), slot, again, {}};
    const Kinds& wanted = kinds[command];
    for (u32 i = 0; i < wanted.size(); ++i) {
        const msg::Param given = i < header.num_params ? message.param(i) : msg::Param{};
        if (!take_parameter(wanted[i], given, invocation.parameters[i])) {
            return Answer{TeeResult::BadParameters, msg::origin_application};
        }
    }
    const bool can_wait = tables_.notifications.is_enabled();
    const Outcome outcome = service_.invoke(invocation, can_wait);
    if (outcome.progress == Progress::Waits) {
        return std::nullopt;
    }
    for (u32 i = 0; i < std::min<std::size_t>(header.num_params, wanted.size()); ++i) {
        const Invocation::Parameter& parameter = invocation.parameters[i];
        msg::Param out = message.param(i);
        if (msg::is_value(type_of(out))) {
            out.a = parameter.a;
            out.b = parameter.b;
        } else {
            out.b = parameter.used;
        }
        message.write_param(i, out);
    }
    return Answer{outcome.result, msg::origin_application};
}

void Endpoint::silence() {
    silent_.store(true, std::memory_order_relaxed);
    service_.end(*this); // none of its wakes is under way then, nor comes later
}

void Endpoint::wake(u32 slots) {
    if (silent_.load(std::memory_order_relaxed)) {
        return;
    }
    tables_.notifications.collect(u64{slots} << first_value);
}

} // namespace trv::tee::manager
