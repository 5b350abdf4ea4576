// SPDX-License-Identifier: Apache-2.0
#pragma once
// The entry into OP-TEE for each SMC of the mediator. With the option TEE_MODEL the model checks it before and after,
// and the machine stops at the first violation. Without it this is only the SMC.

#include "arch/smccc.hpp"
#include "generated/option/tee_model.hpp"
#include "lib/types.hpp"
#include "tee/guest_memory.hpp"
#include "tee/optee/model/model_guard.hpp"

namespace trv::tee::optee {

[[nodiscard]] inline arch::SmcResult enter_optee(const arch::SmcArguments& smc) {
    if constexpr (option::tee_model) {
        return model_guard().enter(smc);
    } else {
        return arch::smc(smc);
    }
}

/// Call this before the first partition is created.
/// @return Error::NoMemory
[[nodiscard]] inline Result<void> watch_optee([[maybe_unused]] PaRange arena,
                                              [[maybe_unused]] memory::FrameTable& frames) {
    if constexpr (option::tee_model) {
        return start_model_guard(arena, frames);
    } else {
        return {};
    }
}

/// Assigns the partition that was created last to that VM.
inline void watch_partition(u16 id, GuestMemory& memory) {
    if constexpr (option::tee_model) {
        model_guard().bind(id, memory.owner());
    }
}

} // namespace trv::tee::optee
