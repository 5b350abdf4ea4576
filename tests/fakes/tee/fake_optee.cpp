// SPDX-License-Identifier: Apache-2.0
#include "tee/fake_optee.hpp"

#include <algorithm>

namespace trv::test {

using namespace tee;
using namespace tee::optee;
using msg::Command;

namespace {

constexpr u64 alloc_bytes = 160;
/// What opening a session takes of the heap, in terms of FakeOptee::heap_pages.
constexpr u64 session_pages = 100;

arch::SmcResult result(u64 a0, u64 a1 = 0, u64 a2 = 0, u64 a3 = 0) {
    return {{a0, a1, a2, a3}};
}

} // namespace

void FakeOptee::note(const char* what) {
    if (what != nullptr && violation.empty()) {
        violation = what;
    }
}

arch::SmcResult FakeOptee::smc(const arch::SmcArguments& call) {
    calls.push_back(call);
    const Model::Entry entry = model.enter(call);
    note(entry.violation);
    if (!violation.empty()) { // what follows would only confuse
        return result(abi::EBadCmd);
    }
    const arch::SmcResult answer = dispatch(call);
    note(model.leave(call, answer, entry.call));
    return answer;
}

arch::SmcResult FakeOptee::dispatch(const arch::SmcArguments& call) {
    if (!present) {
        return result(abi::unknown_function);
    }
    if (call.a[7] == 0) {
        return without_id(call);
    }
    const u16 id = static_cast<u16>(call.a[7]);
    const auto found = partitions.find(id);
    if (found == partitions.end()) {
        return result(abi::ENotAvail);
    }
    switch (call.a[0]) {
    case abi::CallWithRpcArg:
        if (inside) {
            inside();
        }
        if (next_code) {
            const u32 code = *next_code;
            next_code.reset();
            return result(code);
        }
        return begin(found->second, id, Pa(abi::from_halves(call.a[1], call.a[2])));
    case abi::ReturnFromRpc:
        return resume(found->second, call);
    default:
        return fast(found->second, static_cast<u32>(call.a[0]));
    }
}

arch::SmcResult FakeOptee::without_id(const arch::SmcArguments& call) {
    switch (call.a[0]) {
    case abi::CallsUid:
        return result(abi::uid[0], abi::uid[1], abi::uid[2], abi::uid[3]);
    case abi::CallsRevision:
        return result(2, 0);
    case abi::GetOsUuid:
        return result(0x4861'78e0, 0xe7f8'11e3, 0xbc5e'0002, 0xa5d5'c51b);
    case abi::GetOsRevision:
        return result(4, 5, 0x1234);
    case abi::ExchangeCapabilities:
        return result(0, capabilities & ~(virtualized_build ? 0 : abi::CapVirtualization), max_notification, 4);
    case abi::GetThreadCount:
        return result(0, threads);
    case abi::VmCreated:
        if (partitions.size() == max_partitions) {
            return result(abi::ENotAvail);
        }
        partitions[static_cast<u16>(call.a[1])].threads.resize(threads);
        return result(0);
    case abi::VmDestroyed:
        destroy(static_cast<u16>(call.a[1]));
        return result(0);
    default:
        return result(abi::unknown_function);
    }
}

arch::SmcResult FakeOptee::fast(Partition& partition, u32 function) {
    if (function == abi::EnableAsyncNotif) {
        partition.notifications = true;
        return result(0);
    }
    if (function == abi::GetAsyncNotifValue) {
        if (partition.pending == 0) {
            return result(0, 0, 0);
        }
        const u64 value = static_cast<u64>(std::countr_zero(partition.pending));
        partition.pending &= partition.pending - 1;
        return result(0, value, partition.pending != 0 ? 3 : 1);
    }
    return result(abi::unknown_function);
}

arch::SmcResult FakeOptee::begin(Partition& partition, u16 id, Pa argument) {
    for (unsigned i = 0; i < partition.threads.size(); ++i) {
        Thread& thread = partition.threads[i];
        if (thread.used) {
            continue;
        }
        thread = Thread();
        thread.optee = this;
        thread.id = id;
        thread.number = i;
        thread.used = true;
        thread.argument = argument;
        thread.rpc_argument = argument + msg::size_of(thread.header().num_params);
        const u32 command = thread.header().cmd;
        const bool application_call = command <= static_cast<u32>(Command::InvokeCommand);
        if (application_call || script_any_command) {
            thread.script = std::exchange(next_script, {});
        }
        if (command == static_cast<u32>(Command::OpenSession)) {
            const Uuid uuid = Uuid::from_words(thread.param(0).a, thread.param(0).b);
            if (applications.contains(uuid) && !partition.loaded.contains(uuid)) {
                thread.script.push_front(load(uuid));
            }
        }
        return go_on(partition, thread);
    }
    return result(abi::EThreadLimit);
}

arch::SmcResult FakeOptee::resume(Partition& partition, const arch::SmcArguments& call) {
    if (call.a[3] >= partition.threads.size() || !partition.threads[call.a[3]].used) {
        return result(abi::EResume);
    }
    Thread& thread = partition.threads[call.a[3]];
    if (thread.current) {
        const Rpc rpc = *std::exchange(thread.current, std::nullopt);
        if (rpc.code == abi::RpcAlloc && call.a[1] + call.a[2] != 0) {
            thread.rpc_argument = Pa(abi::from_halves(call.a[1], call.a[2]));
            thread.rpc_cookie = abi::from_halves(call.a[4], call.a[5]);
        }
        if (rpc.answered) {
            rpc.answered(thread);
        }
    }
    return go_on(partition, thread);
}

arch::SmcResult FakeOptee::go_on(Partition& partition, Thread& thread) {
    if (!thread.script.empty()) {
        thread.current = std::move(thread.script.front());
        thread.script.pop_front();
        return ask(thread);
    }
    return end(partition, thread);
}

arch::SmcResult FakeOptee::ask(Thread& thread) {
    const Rpc& rpc = *thread.current;
    u64 a1 = 0;
    u64 a2 = 0;
    if (rpc.code == abi::RpcAlloc) {
        a1 = alloc_bytes;
    } else if (rpc.code == abi::RpcFree) {
        a1 = abi::high_half(thread.rpc_cookie);
        a2 = abi::low_half(thread.rpc_cookie);
        thread.rpc_cookie = 0;
        thread.rpc_argument = thread.argument + msg::size_of(thread.header().num_params);
    } else if (rpc.code == abi::RpcCommand) {
        a1 = abi::high_half(thread.rpc_cookie);
        a2 = abi::low_half(thread.rpc_cookie);
        thread.rpc_header() = {rpc.command, 0, 0, 0, 0, 0xffff'0000, 0, static_cast<u32>(rpc.params.size())};
        for (u32 i = 0; i < rpc.params.size(); ++i) {
            thread.rpc_param(i) = rpc.params[i];
        }
        if (rpc.fill) {
            rpc.fill(thread);
        }
    }
    return result(rpc.code, a1, a2, thread.number);
}

FakeOptee::Memory FakeOptee::read_list(const msg::Param& param) {
    Memory memory;
    memory.offset = param.a % page_size;
    memory.size = param.b;
    Pa list(param.a - memory.offset);
    const u64 pages = (param.b + memory.offset - 1) / page_size + 1;
    for (u64 i = 0; i < pages; ++i) {
        const u64 place = i % msg::list_entries;
        if (place == 0 && i != 0) {
            list = Pa(*memory::direct_map<u64>(list + msg::list_next_offset));
        }
        memory.pages.emplace_back(*memory::direct_map<u64>(list + place * 8));
    }
    return memory;
}

arch::SmcResult FakeOptee::end(Partition& partition, Thread& thread) {
    msg::Header& header = thread.header();
    // Closing a session has no way to fail.
    header.ret = header.cmd == static_cast<u32>(Command::CloseSession) ? 0 : std::exchange(next_ret, 0);
    header.ret_origin = header.ret != 0 ? std::exchange(next_origin, 4) : 0;
    if (header.ret == 0) {
        switch (static_cast<Command>(header.cmd)) {
        case Command::OpenSession:
            open(partition, thread);
            break;
        case Command::CloseSession:
            close(partition, header.session);
            break;
        case Command::RegisterShm: {
            Memory memory = read_list(thread.param(0));
            if (known_pages(partition) + memory.pages.size() > heap_pages) {
                header.ret = 0xffff'0006; // TEE_ERROR_BAD_PARAMETERS, its one answer to all that it cannot register
                break;
            }
            partition.memory[thread.param(0).c] = std::move(memory);
            break;
        }
        case Command::UnregisterShm:
            partition.memory.erase(thread.param(0).c);
            break;
        case Command::StopAsyncNotif:
            partition.notifications = false;
            break;
        default:
            break;
        }
        if (application && header.cmd <= static_cast<u32>(Command::InvokeCommand)) {
            application(thread);
        }
    }
    if (header.ret != 0 && header.cmd == static_cast<u32>(Command::OpenSession)) {
        unload(partition, Uuid::from_words(thread.param(0).a, thread.param(0).b));
    }
    thread.used = false;
    return result(abi::Ok);
}

u64 FakeOptee::known_pages(const Partition& partition) {
    u64 pages = 0;
    for (const auto& [cookie, memory] : partition.memory) {
        pages += memory.pages.size();
    }
    return pages;
}

void FakeOptee::open(Partition& partition, Thread& thread) {
    const Uuid uuid = Uuid::from_words(thread.param(0).a, thread.param(0).b);
    msg::Header& header = thread.header();
    if (known_pages(partition) + session_pages > heap_pages) {
        header.ret = 0xffff'000c; // TEE_ERROR_OUT_OF_MEMORY
        header.ret_origin = msg::origin_tee;
        return;
    }
    if (applications.contains(uuid) && !partition.loaded.contains(uuid)) {
        header.ret = 0xffff'0008; // TEE_ERROR_ITEM_NOT_FOUND
        header.ret_origin = msg::origin_tee;
        return;
    }
    header.session = partition.next_session++;
    partition.sessions[header.session] = uuid;
}

void FakeOptee::close(Partition& partition, u32 session) const {
    const auto found = partition.sessions.find(session);
    if (found == partition.sessions.end()) {
        return;
    }
    const Uuid uuid = found->second;
    partition.sessions.erase(found);
    unload(partition, uuid);
}

void FakeOptee::unload(Partition& partition, const Uuid& uuid) const {
    const bool used =
        std::ranges::any_of(partition.sessions, [&](const auto& session) { return session.second == uuid; });
    const auto known = applications.find(uuid);
    if (!used && known != applications.end() && !known->second) {
        partition.loaded.erase(uuid);
    }
}

void FakeOptee::destroy(u16 id) {
    const auto found = partitions.find(id);
    if (found != partitions.end()) {
        lost_sessions += found->second.sessions.size();
        lost_applications += found->second.loaded.size();
        partitions.erase(found);
    }
}

void FakeOptee::check_address_spaces() {
    std::size_t used = partitions.size();
    for (const auto& [id, partition] : partitions) {
        used += partition.loaded.size();
    }
    if (used > address_spaces) {
        note("more address spaces are used than there are");
    }
}

FakeOptee::Rpc FakeOptee::load(const Uuid& uuid) {
    const auto words = std::bit_cast<std::array<u64, 2>>(uuid.bytes);
    return command(msg::rpc::LoadTa, {{msg::ValueIn, words[0], words[1], 0}, {msg::TmemOut, 0, 0, 0}},
                   [uuid](Thread& thread) {
                       if (thread.rpc_header().ret == 0) {
                           thread.optee->partitions[thread.id].loaded.insert(uuid);
                           thread.optee->check_address_spaces();
                       }
                   });
}

FakeOptee::Rpc FakeOptee::allocate_argument() {
    return {abi::RpcAlloc, 0, {}, {}, {}};
}
FakeOptee::Rpc FakeOptee::free_argument() {
    return {abi::RpcFree, 0, {}, {}, {}};
}

FakeOptee::Rpc FakeOptee::allocate(u64 size, u64 type) {
    return command(msg::rpc::ShmAlloc, {{msg::ValueIn, type, size, 8}}, [](Thread& thread) {
        if (thread.rpc_header().ret != 0) {
            return;
        }
        const msg::Param param = thread.rpc_param(0);
        thread.optee->partitions[thread.id].memory[param.c] = read_list(param);
        thread.allocated.push_back(param.c);
    });
}

FakeOptee::Rpc FakeOptee::free_last() {
    Rpc rpc = command(msg::rpc::ShmFree, {{msg::ValueIn, 0, 0, 0}});
    rpc.fill = [](Thread& thread) {
        if (thread.allocated.empty()) {
            return;
        }
        thread.rpc_param(0).b = thread.allocated.back();
        thread.optee->partitions[thread.id].memory.erase(thread.allocated.back());
        thread.allocated.pop_back();
    };
    return rpc;
}

} // namespace trv::test
