// SPDX-License-Identifier: Apache-2.0
#pragma once
// The manager as the host's OP-TEE driver has it: a trusted application that is answered at EL2. It takes OP-TEE's
// side of the host's calls. The mediator is in between, as it is for OP-TEE: a message comes here from EL2's own memory,
// read once and checked, and what it refers to is pinned until the call ends.

#include "tee/manager/service.hpp"
#include "tee/optee/interposer.hpp"
#include "tee/optee/tables/tables.hpp"
#include "tee/optee/uuid.hpp"
#include "vdev/interrupt_line.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace trv::tee::manager {

/// Who may open a session beside root: members of a group, by the UUID that the driver computes of it.
using Group = std::optional<optee::Uuid>;

class Endpoint final : public optee::Interposer, public Notifier {
  public:
    /// With no OP-TEE behind it.
    /// @param tables of the host's partition, which owns this object
    Endpoint(Service& service, optee::Tables& tables, vdev::InterruptLine& notification, const Group& group);
    ~Endpoint() override { service_.end(*this); }

    arch::SmcResult enter(const arch::SmcArguments& entry, unsigned slot) override;
    void silence() override;
    void wake(unsigned slot) override;

  private:
    /// What a message is answered with.
    struct Answer {
        TeeResult result = TeeResult::Success;
        u32 origin = optee::msg::origin_tee;
    };

    arch::SmcResult begin(Pa message, unsigned slot);
    [[nodiscard]] std::optional<Answer> execute(optee::ShadowMessage message, unsigned slot, bool again);
    [[nodiscard]] Answer open(optee::ShadowMessage message);
    [[nodiscard]] std::optional<Answer> invoke(optee::ShadowMessage message, unsigned slot, bool again);
    [[nodiscard]] bool take_parameter(const contract::manager::Parameter& wanted, const optee::msg::Param& given,
                                      Invocation::Parameter& taken) const;
    [[nodiscard]] bool is_allowed(const optee::msg::Param& identity) const;
    static void ask_to_wait(optee::ShadowMessage message, unsigned slot);

    Service& service_;
    optee::Tables& tables_;
    vdev::InterruptLine& notification_;
    const Group group_;
    std::atomic<bool> silent_ = false;
    std::array<Pa, optee::max_threads> waiting_{}; ///< the message of the call in a slot that waits; the call's
};

} // namespace trv::tee::manager
