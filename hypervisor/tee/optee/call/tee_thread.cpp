// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/call/tee_thread.hpp"

#include "arch/cpu/clock.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/tables/tables.hpp"

namespace trv::tee::optee {

void TeeThread::send(Tables& tables, Work work, u32 num_params) {
    work_ = work;
    sent_params_ = num_params;
    const u64 pa = arena_.message().value;
    enter(tables, {{abi::CallWithRpcArg, abi::high_half(pa), abi::low_half(pa)}});
}

void TeeThread::reenter(Tables& tables, const std::array<u64, 4>& answer) {
    enter(tables, {{abi::ReturnFromRpc, answer[0], answer[1], number_, answer[2], answer[3]}});
}

void TeeThread::enter(Tables& tables, const arch::SmcArguments& entry) {
    const u64 before = arch::ticks();
    result_ = tables.enter(entry, slot_);
    tables.statistics.secure_ticks.add(arch::ticks() - before);
    tables.statistics.entries.add();
    suspended_ = abi::is_rpc(code());
    if (suspended_) {
        number_ = static_cast<u32>(result_.a[3]);
    }
}

bool TeeThread::succeeded() const {
    return code() == abi::Ok && message().header().ret == 0;
}

} // namespace trv::tee::optee
