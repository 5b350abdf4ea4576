// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/hostile/supplicant.hpp"

namespace trv::bare::hostile {

constinit Supplicant::Buffer Supplicant::pool[buffers]{};
constinit Page Supplicant::rpc_arguments[2]{};
constinit bool Supplicant::in_use[buffers]{};
constinit unsigned Supplicant::next_rpc_argument = 0;

void Supplicant::serve(Call& call) {
    switch (call.code()) {
    case abi::RpcAlloc:
        give_rpc_argument(call);
        return;
    case abi::RpcCommand:
        ++commands;
        if (call.rpc != nullptr) {
            answer(*call.rpc);
        }
        break;
    default:
        break; // FREE and FOREIGN_INTR want no more than to go on
    }
    resume(call);
}

u32 Supplicant::run(Call& call, unsigned most) {
    while (call.is_suspended()) {
        if (most-- == 0) {
            return gave_up;
        }
        serve(call);
    }
    return call.code();
}

void Supplicant::answer(Message& rpc) {
    using namespace msg::rpc;
    msg::Param& first = rpc.params[0];
    switch (rpc.header.cmd) {
    case ShmAlloc:
        give_memory(rpc);
        return;
    case ShmFree:
        ++frees;
        last_freed = first.b;
        give_back(first.b);
        rpc.header.ret = ok;
        return;
    case GetTime:
        first.a = 1'700'000'000;
        first.b = 0;
        rpc.header.ret = ok;
        return;
    case Notification:
    case Suspend:
        rpc.header.ret = ok;
        return;
    case LoadTa:
        ++loads;
        [[fallthrough]];
    default:
        rpc.header.ret = item_not_found;
        return;
    }
}

void Supplicant::give_memory(Message& rpc) {
    const u64 size = rpc.params[0].b;
    for (unsigned i = 0; size <= buffer_pages * page_size && i < buffers; ++i) {
        if (in_use[i]) {
            continue;
        }
        in_use[i] = true;
        for (unsigned page = 0; page < buffer_pages; ++page) {
            pool[i].list.words[page] = pool[i].pages[page].address();
        }
        rpc.header.num_params = 1;
        rpc.params[0] = {msg::TmemOut | msg::Noncontiguous, pool[i].list.address(),
                         (size + page_size - 1) / page_size * page_size, first_cookie + i};
        rpc.header.ret = ok;
        return;
    }
    rpc.header.ret = out_of_memory;
}

void Supplicant::give_back(u64 cookie) {
    if (cookie >= first_cookie && cookie - first_cookie < buffers) {
        in_use[cookie - first_cookie] = false;
    }
}

void Supplicant::give_rpc_argument(Call& call) {
    Page& page = rpc_arguments[next_rpc_argument++ % 2];
    call.rpc = &message_at(page.address());
    rpc_argument_cookie_ = page.address();
    resume(call, page.address(), rpc_argument_cookie_);
}

} // namespace trv::bare::hostile
