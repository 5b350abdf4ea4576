// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/model/model.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

using Violation = Model::Violation;

bool is_allowed_without_id(u32 function) {
    switch (function) {
    case abi::CallsCount:
    case abi::CallsUid:
    case abi::CallsRevision:
    case abi::GetOsUuid:
    case abi::GetOsRevision:
    case abi::ExchangeCapabilities:
    case abi::GetThreadCount:
    case abi::VmCreated:
    case abi::VmDestroyed:
        return true;
    default:
        return false;
    }
}

} // namespace

void Model::bind(u16 id, memory::FrameOwner owner) {
    if (Partition* const partition = find(id)) {
        partition->owner = owner;
    }
}

Model::Partition* Model::find(u16 id) {
    for (Partition& partition : partitions_) {
        if (id != 0 && partition.id == id) {
            return &partition;
        }
    }
    return nullptr;
}

Model::Cookie* Model::find_cookie(u16 id, u64 cookie) {
    for (unsigned i = 0; i < cookie_count_; ++i) {
        if (cookies_[i].id == id && cookies_[i].cookie == cookie) {
            return &cookies_[i];
        }
    }
    return nullptr;
}

unsigned Model::partitions() const {
    unsigned count = 0;
    for (const Partition& partition : partitions_) {
        count += partition.id != 0 ? 1 : 0;
    }
    return count;
}

unsigned Model::threads_in_use(u16 id) const {
    unsigned count = 0;
    for (const Partition& partition : partitions_) {
        for (const Call& call : partition.calls) {
            count += partition.id == id && call.used ? 1 : 0;
        }
    }
    return count;
}

Model::Entry Model::enter(const arch::SmcArguments& smc) {
    for (const u64 a : smc.a) {
        if (a >> 32 != 0) {
            return {"upper half of a register is not zero"};
        }
    }
    if (smc.a[7] == 0) {
        const Violation violation = enter_without_id(smc);
        return {violation != nullptr ? violation : check()};
    }
    Partition* const partition = smc.a[7] <= 0xffff ? find(static_cast<u16>(smc.a[7])) : nullptr;
    if (partition == nullptr) {
        return {"id without a partition"};
    }
    const Entry entry = enter_partition(*partition, smc);
    return entry.violation != nullptr ? entry : Entry{check(), entry.call};
}

Violation Model::enter_without_id(const arch::SmcArguments& smc) {
    const u32 function = static_cast<u32>(smc.a[0]);
    if (!is_allowed_without_id(function)) {
        return "call without a VM's id";
    }
    const bool names_vm = function == abi::VmCreated || function == abi::VmDestroyed;
    if (names_vm && (smc.a[1] == 0 || smc.a[1] > 0xffff)) {
        return "id is not 1 to 65535";
    }
    if (function == abi::VmCreated && find(static_cast<u16>(smc.a[1])) != nullptr) {
        return "id is in use";
    }
    return nullptr;
}

Model::Entry Model::enter_partition(Partition& partition, const arch::SmcArguments& smc) {
    switch (static_cast<u32>(smc.a[0])) {
    case abi::EnableAsyncNotif:
    case abi::GetAsyncNotifValue:
        return {};
    case abi::CallWithRpcArg:
        return begin(partition, smc);
    case abi::ReturnFromRpc:
        return resume(partition, smc);
    default:
        return {"function that the mediator never calls"};
    }
}

Model::Entry Model::begin(Partition& partition, const arch::SmcArguments& smc) {
    Call* const free = std::ranges::find(partition.calls, false, &Call::used);
    if (free == partition.calls.end()) {
        return {"more calls than threads"};
    }
    *free = Call();
    free->argument = Pa(abi::from_halves(smc.a[1], smc.a[2]));
    if (!free->argument.is_aligned(8) || !in_arena(free->argument, sizeof(msg::Header))) {
        return {"argument outside the arena"};
    }
    for (const Call& other : partition.calls) {
        if (other.used && other.argument == free->argument) {
            return {"argument overlaps another call's"};
        }
    }
    free->command = header_at(free->argument).cmd;
    free->num_params = header_at(free->argument).num_params;
    if (free->num_params > msg::most_params ||
        !in_arena(free->argument, msg::size_of(free->num_params) + msg::rpc_size)) {
        return {"argument too large"};
    }
    free->rpc_argument = free->argument + msg::size_of(free->num_params);
    if (const Violation violation = check_message(partition, *free)) {
        return {violation};
    }
    free->used = true;
    free->inside = true;
    for (unsigned i = 0; i < pictures; ++i) {
        play(partition, i);
    }
    return {nullptr, free};
}

Violation Model::check_message(Partition& partition, Call& call) {
    const msg::Param first = call.num_params != 0 ? param_at(call.argument, 0) : msg::Param{};
    switch (static_cast<msg::Command>(call.command)) {
    case msg::Command::OpenSession:
        if (call.num_params < 2 || first.attr != (msg::ValueIn | msg::Meta) ||
            param_at(call.argument, 1).attr != (msg::ValueIn | msg::Meta)) {
            return "OPEN_SESSION without identities";
        }
        return check_params(partition, call, 2);
    case msg::Command::InvokeCommand:
        return check_params(partition, call, 0);
    case msg::Command::RegisterShm:
        if (call.num_params != 1 || first.attr != (msg::TmemOut | msg::Noncontiguous)) {
            return "malformed REGISTER_SHM";
        }
        return add_memory(partition, first, false);
    case msg::Command::UnregisterShm: {
        Cookie* const cookie = find_cookie(partition.id, first.c);
        if (call.num_params != 1 || cookie == nullptr || !cookie->live || cookie->rpc) {
            return "UNREGISTER_SHM of unknown memory";
        }
        cookie->live = false;
        return nullptr;
    }
    default:
        if (call.command > static_cast<u32>(msg::Command::StopAsyncNotif)) {
            return "unknown command";
        }
        return call.num_params != 0 ? "parameters in a call that takes none" : nullptr;
    }
}

Violation Model::check_params(Partition& partition, Call& call, u32 first) {
    for (u32 i = first; i < call.num_params; ++i) {
        const msg::Param param = param_at(call.argument, i);
        if (param.attr == msg::None || msg::is_value(param.attr)) {
            continue;
        }
        if (msg::is_tmem(param.attr)) {
            if (param.a != 0 || param.c != 0) {
                return "temporary memory with an address or a cookie";
            }
            continue;
        }
        if (!msg::is_rmem(param.attr)) {
            return "attribute with undefined bits";
        }
        Cookie* const cookie = find_cookie(partition.id, param.c);
        if (cookie == nullptr || !cookie->live || cookie->rpc) {
            return "reference to unknown memory";
        }
        if (param.a > u64{cookie->pages} * page_size || param.b > u64{cookie->pages} * page_size - param.a) {
            return "reference beyond the memory";
        }
        ++cookie->references;
        call.references[i] = param.c;
    }
    return nullptr;
}

Model::Entry Model::resume(Partition& partition, const arch::SmcArguments& smc) {
    for (Call& call : partition.calls) {
        if (call.used && !call.inside && call.thread == smc.a[3]) {
            if (const Violation violation = check_answer(partition, call, smc)) {
                return {violation};
            }
            call.inside = true;
            for (unsigned i = 0; i < pictures; ++i) {
                play(partition, i);
            }
            return {nullptr, &call};
        }
    }
    return {"resume of a thread that is not waiting"};
}

Violation Model::check_answer(Partition& partition, Call& call, const arch::SmcArguments& smc) {
    if (call.rpc == abi::RpcAlloc) {
        call.alloc = Pa(abi::from_halves(smc.a[1], smc.a[2]));
        call.alloc_cookie = abi::from_halves(smc.a[4], smc.a[5]);
        if ((call.alloc.value == 0) != (call.alloc_cookie == 0)) {
            return "failed ALLOC with an address or a cookie";
        }
        const bool outside = call.alloc.value != 0 && !in_arena(call.alloc, msg::rpc_size);
        return outside ? "RPC argument outside the arena" : nullptr;
    }
    if (smc.a[1] != 0 || smc.a[2] != 0 || smc.a[4] != 0 || smc.a[5] != 0) {
        return "unused registers are not zero";
    }
    return call.rpc == abi::RpcCommand ? check_reply(partition, call) : nullptr;
}

Violation Model::check_reply(Partition& partition, Call& call) {
    const msg::Header header = header_at(call.rpc_argument);
    if (header.cmd != msg::rpc::ShmAlloc || header.ret != 0) {
        return nullptr;
    }
    const msg::Param param = param_at(call.rpc_argument, 0);
    if (header.num_params != 1 || param.attr != (msg::TmemOut | msg::Noncontiguous)) {
        return "SHM_ALLOC answered without a page list";
    }
    return add_memory(partition, param, true);
}

Violation Model::leave(const arch::SmcArguments& smc, const arch::SmcResult& result, Call* call) {
    const u32 function = static_cast<u32>(smc.a[0]);
    const u32 a0 = static_cast<u32>(result.a[0]);
    if (function == abi::VmCreated && a0 == abi::Ok) {
        Partition* const partition = std::ranges::find(partitions_, u16{0}, &Partition::id);
        if (partition == partitions_.end()) {
            return "the model is too small";
        }
        partition->reset();
        partition->id = static_cast<u16>(smc.a[1]);
        return nullptr;
    }
    if (function == abi::VmDestroyed) {
        const u16 id = static_cast<u16>(smc.a[1]);
        if (Partition* const partition = find(id)) {
            remove_memory(id, 0);
            partition->reset();
        }
        return nullptr;
    }
    if (call == nullptr) {
        return nullptr;
    }
    Partition& partition = *find(static_cast<u16>(smc.a[7]));
    if (abi::is_rpc(a0)) {
        return rpc_came(partition, *call, result);
    }
    ended(partition, *call, result);
    return nullptr;
}

Violation Model::rpc_came(Partition& partition, Call& call, const arch::SmcResult& result) {
    const u64 number = result.a[3];
    if (number >= max_model_threads) {
        return "OP-TEE names an impossible thread";
    }
    for (const Call& other : partition.calls) {
        if (other.used && !other.inside && other.thread == number) {
            return "OP-TEE names a thread that is already waiting";
        }
    }
    call.inside = false;
    call.thread = static_cast<u32>(number);
    call.rpc = static_cast<u32>(result.a[0]);
    if (call.rpc == abi::RpcCommand) {
        const u64 cookie = abi::from_halves(result.a[1], result.a[2]);
        call.rpc_argument = cookie == 0 ? call.argument + msg::size_of(call.num_params) : call.alloc;
        const u64 freed = param_at(call.rpc_argument, 0).b;
        if (header_at(call.rpc_argument).cmd == msg::rpc::ShmFree && freed != 0) {
            remove_memory(partition.id, freed); // it has dropped it by now [thread_optee_smc.c]
        }
    }
    return nullptr;
}

void Model::ended(Partition& partition, Call& call, const arch::SmcResult& result) {
    const msg::Param first = call.num_params != 0 ? param_at(call.argument, 0) : msg::Param{};
    const bool success = static_cast<u32>(result.a[0]) == abi::Ok && header_at(call.argument).ret == 0;
    const msg::Command command = static_cast<msg::Command>(call.command);
    if (command == msg::Command::RegisterShm) {
        if (success) {
            find_cookie(partition.id, first.c)->live = true;
        } else {
            remove_memory(partition.id, first.c);
        }
    } else if (command == msg::Command::UnregisterShm) {
        if (success) {
            remove_memory(partition.id, first.c);
        } else {
            find_cookie(partition.id, first.c)->live = true;
        }
    }
    unmap_references(partition, call);
    for (const u64 reference : call.references) {
        if (Cookie* const cookie = reference != 0 ? find_cookie(partition.id, reference) : nullptr) {
            --cookie->references;
        }
    }
    call = Call();
}

} // namespace trv::tee::optee
