// SPDX-License-Identifier: Apache-2.0
#pragma once
// Replaces tee/mediator.hpp in an image without OP-TEE.

#include "lib/result.hpp"
#include "lib/types.hpp"
#include "lib/unique.hpp"
#include "tee/config.hpp"
#include "tee/guest_memory.hpp"
#include "tee/tenant.hpp"
#include "vdev/interrupt_line.hpp"

namespace trv::tee {

class Mediator {
  public:
    [[nodiscard]] Result<void> start(PaRange) { return fail(Error::Unsupported); }
    [[nodiscard]] bool has_notifications() const { return false; }
    [[nodiscard]] Result<Unique<Tenant>> admit(const TenantConfig&, GuestMemory&, vdev::InterruptLine*) {
        return fail(Error::Unsupported);
    }
    void notification_interrupt() {}
};

} // namespace trv::tee
