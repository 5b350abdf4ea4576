// SPDX-License-Identifier: Apache-2.0
#pragma once
// One VM's share of OP-TEE as data: what its calls, its fast calls and its end have in common.

#include "arch/smccc.hpp"
#include "lib/unique.hpp"
#include "sync/rate_limit.hpp"
#include "tee/guest_memory.hpp"
#include "tee/optee/config.hpp"
#include "tee/optee/interposer.hpp"
#include "tee/optee/shared_memory/shared_memory.hpp"
#include "tee/optee/statistics.hpp"
#include "tee/optee/tables/address_spaces.hpp"
#include "tee/optee/tables/notifications.hpp"
#include "tee/optee/tables/rpc_memory.hpp"
#include "tee/optee/tables/sessions.hpp"
#include "tee/optee/trace.hpp"

namespace trv::tee::optee {

struct Tables {
    /// @param notification the VM's interrupt, rising edge; null if there is none
    Tables(const PartitionConfig& its_config, GuestMemory& its_memory, AddressSpaces* optees_spaces,
           vdev::InterruptLine* notification)
        : config(its_config), memory(its_memory), spaces(optees_spaces), sessions(spaces, config.account),
          notifications(notification) {}

    /// Allocates all memory. @return Error::NoMemory, Error::Invalid (quotas)
    [[nodiscard]] Result<void> create();
    /// From here on each entry is traced. Context: before the first call.
    void set_trace(Unique<TraceHook> hook) {
        trace = std::move(hook);
        plain_ = false;
    }
    /// From here on it gets the entries. Context: before the first call.
    void interpose(Unique<Interposer> other) {
        interposer = std::move(other);
        plain_ = false;
    }
    /// The only entry into OP-TEE on this VM's behalf.
    /// @param entry its a7 becomes the VM's id, which the guest never sets
    /// @param slot  for the trace: of the call, or TraceHook::no_slot
    arch::SmcResult enter(arch::SmcArguments entry, unsigned slot);
    /// OP-TEE keeps applications of the VM loaded, although it ends.
    void keep(u32 count);
    /// Whether the policy denies the application; logs `what` was denied.
    [[nodiscard]] bool denies(const Uuid& application, std::string_view what);
    void count(Refusal refusal) { statistics.refused[static_cast<unsigned>(refusal)].add(); }
    void count(CallKind kind) { statistics.calls[static_cast<unsigned>(kind)].add(); }

    const PartitionConfig config;
    GuestMemory& memory;
    AddressSpaces* const spaces; ///< OP-TEE's; null without one behind it
    u16 id = 0;                  ///< OP-TEE's, 1 to 65535
    bool notifies = false;       ///< /firmware/optee in the VM's tree has the interrupt
    SharedMemory shared;
    Sessions sessions;
    RpcMemoryCache rpc_cache;
    Notifications notifications;
    Statistics statistics;
    RateLimit log_limit;
    Unique<TraceHook> trace;       ///< none if calls are not traced
    Unique<Interposer> interposer; ///< none if all entries go to OP-TEE

  private:
    arch::SmcResult enter_watched(const arch::SmcArguments& entry, unsigned slot);

    bool plain_ = true; ///< an entry is the SMC and nothing else
};

} // namespace trv::tee::optee
