#include "tee/model.hpp"

namespace trv::tee {
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

unsigned Model::known_cookies(u16 id) const {
    unsigned count = 0;
    for (unsigned i = 0; i < cookie_count_; ++i) {
        count += cookies_[i].id == id ? 1 : 0;
    }
    return count;
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
        for (const Thread& thread : partition.threads) {
            count += partition.id == id && thread.used ? 1 : 0;
        }
    }
    return count;
}

Violation Model::enter(const arch::SmcArguments& call) {
    running_ = nullptr;
    for (const u64 a : call.a) {
        if (a >> 32 != 0) {
            return "upper half of a register is not zero";
        }
    }
    const u32 function = static_cast<u32>(call.a[0]);
    if (call.a[7] == 0) {
        if (!is_allowed_without_id(function)) {
            return "call without a VM's id";
        }
        const bool names_vm = function == abi::VmCreated || function == abi::VmDestroyed;
        if (names_vm && (call.a[1] == 0 || call.a[1] > 0xffff)) {
            return "id is not 1 to 65535";
        }
        if (function == abi::VmCreated && find(static_cast<u16>(call.a[1])) != nullptr) {
            return "id is in use";
        }
        return check();
    }
    Partition* const partition = call.a[7] <= 0xffff ? find(static_cast<u16>(call.a[7])) : nullptr;
    if (partition == nullptr) {
        return "id without a partition";
    }
    if (const Violation violation = enter_partition(*partition, call)) {
        return violation;
    }
    return check();
}

Violation Model::enter_partition(Partition& partition, const arch::SmcArguments& call) {
    switch (static_cast<u32>(call.a[0])) {
    case abi::EnableAsyncNotif:
    case abi::GetAsyncNotifValue:
        return nullptr;
    case abi::CallWithRpcArg:
        return begin(partition, call);
    case abi::ReturnFromRpc:
        return resume(partition, call);
    default:
        return "function that the mediator has no reason to call";
    }
}

Violation Model::begin(Partition& partition, const arch::SmcArguments& call) {
    Thread* free = nullptr;
    for (Thread& thread : partition.threads) {
        free = thread.used ? free : &thread;
    }
    if (free == nullptr) {
        return "more calls than threads";
    }
    *free = Thread();
    free->argument = Pa(abi::from_halves(call.a[1], call.a[2]));
    if (!free->argument.is_aligned(8) || !in_arena(free->argument, sizeof(msg::Header))) {
        return "argument outside the arena";
    }
    free->command = header_at(free->argument).cmd;
    free->num_params = header_at(free->argument).num_params;
    if (free->num_params > msg::most_params ||
        !in_arena(free->argument, msg::size_of(free->num_params) + msg::rpc_size)) {
        return "argument too large";
    }
    free->rpc_argument = free->argument + msg::size_of(free->num_params);
    if (const Violation violation = check_message(partition, *free)) {
        return violation;
    }
    free->used = true;
    free->inside = true;
    running_ = free;
    return nullptr;
}

Violation Model::check_message(Partition& partition, Thread& thread) {
    const msg::Param first = thread.num_params != 0 ? param_at(thread.argument, 0) : msg::Param{};
    switch (static_cast<msg::Command>(thread.command)) {
    case msg::Command::OpenSession:
        if (thread.num_params < 2 || first.attr != (msg::ValueIn | msg::Meta) ||
            param_at(thread.argument, 1).attr != (msg::ValueIn | msg::Meta)) {
            return "OPEN_SESSION without identities";
        }
        return check_params(partition, thread, 2);
    case msg::Command::InvokeCommand:
        return check_params(partition, thread, 0);
    case msg::Command::RegisterShm:
        if (thread.num_params != 1 || first.attr != (msg::TmemOut | msg::Noncontiguous)) {
            return "malformed REGISTER_SHM";
        }
        return add_memory(partition, first, false);
    case msg::Command::UnregisterShm: {
        Cookie* const cookie = find_cookie(partition.id, first.c);
        if (thread.num_params != 1 || cookie == nullptr || !cookie->live || cookie->rpc) {
            return "UNREGISTER_SHM of unknown memory";
        }
        cookie->live = false;
        return nullptr;
    }
    default:
        if (thread.command > static_cast<u32>(msg::Command::StopAsyncNotif)) {
            return "unknown command";
        }
        return thread.num_params != 0 ? "parameters where there are none" : nullptr;
    }
}

Violation Model::check_params(Partition& partition, Thread& thread, u32 first) {
    for (u32 i = first; i < thread.num_params; ++i) {
        const msg::Param param = param_at(thread.argument, i);
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
            return "attribute with bits that mean nothing here";
        }
        Cookie* const cookie = find_cookie(partition.id, param.c);
        if (cookie == nullptr || !cookie->live || cookie->rpc) {
            return "reference to unknown memory";
        }
        if (param.a > u64{cookie->pages} * page_size || param.b > u64{cookie->pages} * page_size - param.a) {
            return "reference beyond the memory";
        }
        ++cookie->references;
        thread.references[i] = param.c;
    }
    return nullptr;
}

Violation Model::resume(Partition& partition, const arch::SmcArguments& call) {
    if (call.a[3] >= max_model_threads) {
        return "no such thread";
    }
    Thread& thread = partition.threads[call.a[3]];
    if (!thread.used || thread.inside) {
        return "resume of a thread that does not wait";
    }
    if (thread.rpc == abi::RpcAlloc) {
        thread.alloc = Pa(abi::from_halves(call.a[1], call.a[2]));
        thread.alloc_cookie = abi::from_halves(call.a[4], call.a[5]);
        if ((thread.alloc.value == 0) != (thread.alloc_cookie == 0)) {
            return "failed ALLOC with an address or a cookie";
        }
        if (thread.alloc.value != 0 && !in_arena(thread.alloc, msg::rpc_size)) {
            return "RPC argument outside the arena";
        }
    } else if (call.a[1] != 0 || call.a[2] != 0 || call.a[4] != 0 || call.a[5] != 0) {
        return "registers with something where nothing belongs";
    } else if (thread.rpc == abi::RpcCommand) {
        if (const Violation violation = check_reply(partition, thread)) {
            return violation;
        }
    }
    thread.inside = true;
    running_ = &thread;
    return nullptr;
}

Violation Model::check_reply(Partition& partition, Thread& thread) {
    const msg::Header header = header_at(thread.rpc_argument);
    if (header.cmd != msg::rpc::ShmAlloc || header.ret != 0) {
        return nullptr;
    }
    const msg::Param param = param_at(thread.rpc_argument, 0);
    if (header.num_params != 1 || param.attr != (msg::TmemOut | msg::Noncontiguous)) {
        return "SHM_ALLOC answered with something else than a page list";
    }
    return add_memory(partition, param, true);
}

Violation Model::leave(const arch::SmcArguments& call, const arch::SmcResult& result) {
    const u32 function = static_cast<u32>(call.a[0]);
    const u32 a0 = static_cast<u32>(result.a[0]);
    if (function == abi::VmCreated && a0 == abi::Ok) {
        for (Partition& partition : partitions_) {
            if (partition.id == 0) {
                partition = Partition();
                partition.id = static_cast<u16>(call.a[1]);
                return nullptr;
            }
        }
        return "the model is too small";
    }
    if (function == abi::VmDestroyed) {
        const u16 id = static_cast<u16>(call.a[1]);
        if (Partition* const partition = find(id)) {
            *partition = Partition();
            remove_memory(id, 0);
        }
        return nullptr;
    }
    if (running_ == nullptr) {
        return nullptr;
    }
    Partition& partition = *find(static_cast<u16>(call.a[7]));
    Thread& thread = *running_;
    thread.inside = false;
    if (abi::is_rpc(a0)) {
        return rpc_came(partition, thread, result);
    }
    ended(partition, thread, result);
    return nullptr;
}

Violation Model::rpc_came(Partition& partition, Thread& thread, const arch::SmcResult& result) {
    const u64 number = result.a[3];
    if (number >= max_model_threads) {
        return "OP-TEE names a thread that cannot be";
    }
    // A new call is in the thread that OP-TEE chose, which we learn only now.
    Thread* at = &partition.threads[number];
    if (at != &thread) {
        std::swap(*at, thread);
    }
    at->rpc = static_cast<u32>(result.a[0]);
    if (at->rpc == abi::RpcCommand) {
        const u64 cookie = abi::from_halves(result.a[1], result.a[2]);
        at->rpc_argument = cookie == 0 ? at->argument + msg::size_of(at->num_params) : at->alloc;
        const u64 freed = param_at(at->rpc_argument, 0).b;
        if (header_at(at->rpc_argument).cmd == msg::rpc::ShmFree && freed != 0) {
            remove_memory(partition.id, freed); // it has dropped it by now [thread_optee_smc.c]
        }
    }
    return nullptr;
}

void Model::ended(Partition& partition, Thread& thread, const arch::SmcResult& result) {
    const msg::Param first = thread.num_params != 0 ? param_at(thread.argument, 0) : msg::Param{};
    const bool success = static_cast<u32>(result.a[0]) == abi::Ok && header_at(thread.argument).ret == 0;
    const msg::Command command = static_cast<msg::Command>(thread.command);
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
    for (const u64 reference : thread.references) {
        if (Cookie* const cookie = reference != 0 ? find_cookie(partition.id, reference) : nullptr) {
            --cookie->references;
        }
    }
    thread = Thread();
}

} // namespace trv::tee
