// SPDX-License-Identifier: Apache-2.0
#pragma once
// The manager as the host's OP-TEE driver has it: a trusted application that is answered at EL2. It takes OP-TEE's
// side of the host's calls. The mediator is in between, as it is for OP-TEE: a message comes here from EL2's own memory,
// read once and checked, and what it refers to is pinned until the call ends.

#include "tee/manager/service.hpp"
#include "tee/manager/thread_room.hpp"
#include "tee/optee/interposer.hpp"
#include "tee/optee/tables/tables.hpp"
#include "tee/optee/uuid.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace trv::tee::manager {

/// Who may open a session beside root: members of a group, by the UUID that the driver computes of it.
using Group = std::optional<optee::Uuid>;

class Endpoint final : public optee::Interposer, public Notifier {
  public:
    /// @param tables  of the host's partition, which owns this object
    /// @param calls   that the host can have in flight
    /// @param threads of OP-TEE's behind it; 0: there is no OP-TEE
    Endpoint(Service& service, optee::Tables& tables, const Group& group, unsigned calls, unsigned threads);
    ~Endpoint() override { service_.end(*this); }

    arch::SmcResult enter(const arch::SmcArguments& entry, unsigned slot) override;
    void end_loan(u64 loan) override { service_.end_loan(loan); }
    void end_loans() override { service_.end_loans(); }
    void silence() override;
    void wake(u32 slots) override;

  private:
    /// What a message is answered with.
    struct Answer {
        TeeResult result = TeeResult::Success;
        u32 origin = optee::msg::origin_tee;
    };

    [[nodiscard]] bool is_own(optee::ShadowMessage message) const;
    arch::SmcResult begin(optee::ShadowMessage message, unsigned slot);
    arch::SmcResult resume(const arch::SmcArguments& entry, unsigned slot);
    arch::SmcResult pass_on(const arch::SmcArguments& entry, unsigned slot);
    arch::SmcResult returned(const arch::SmcResult& result, unsigned slot);
    [[nodiscard]] std::optional<Answer> execute(optee::ShadowMessage message, unsigned slot, bool again);
    [[nodiscard]] Answer open(optee::ShadowMessage message);
    [[nodiscard]] std::optional<Answer> invoke(optee::ShadowMessage message, unsigned slot, bool again);
    [[nodiscard]] bool take_parameter(contract::manager::Kind wanted, const optee::msg::Param& given,
                                      Invocation::Parameter& taken) const;
    [[nodiscard]] bool is_allowed(const optee::msg::Param& identity) const;
    static arch::SmcResult ask_to_wait(optee::ShadowMessage message, unsigned slot);

    Service& service_;
    optee::Tables& tables_;
    const Group group_;
    const bool has_optee_;
    ThreadRoom threads_;
    std::atomic<bool> silent_ = false; ///< calls that wait for a thread still end then
    // By the slot of a call, whose they are.
    std::array<Pa, optee::max_threads> waiting_{};              ///< the message of a command that waits; 0: none
    std::array<arch::SmcArguments, optee::max_threads> held_{}; ///< the entry that waits for a thread
};

} // namespace trv::tee::manager
