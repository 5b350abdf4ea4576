#pragma once
// The way into OP-TEE of each SMC that the mediator makes. With the option TEE_MODEL the model is asked before and
// after, and the machine stops at the first thing that must not be. Without it this is the SMC and nothing else.

#include "arch/smccc.hpp"
#include "generated/option/tee_model.hpp"
#include "lib/types.hpp"
#include "tee/guest_memory.hpp"
#include "tee/model_guard.hpp"

namespace trv::tee {

[[nodiscard]] inline arch::SmcResult enter_optee(const arch::SmcArguments& smc) {
    if constexpr (option::tee_model) {
        return model_guard().enter(smc);
    } else {
        return arch::smc(smc);
    }
}

/// Before there is a partition.
/// @return Error::NoMemory
[[nodiscard]] inline Result<void> watch_optee(PaRange arena) {
    if constexpr (option::tee_model) {
        return start_model_guard(arena);
    } else {
        return {};
    }
}

/// The partition that was created last is that VM's.
inline void watch_partition(u16 id, GuestMemory& memory) {
    if constexpr (option::tee_model) {
        model_guard().bind(id, memory.owner());
    }
}

} // namespace trv::tee
