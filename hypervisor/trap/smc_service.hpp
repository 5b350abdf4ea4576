// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a service for guests by HVC or SMC (SMCCC) is, and those that have a file of their own. trap/hypercall.cpp lists
// them all.

#include "arch/smccc.hpp"
#include "vm/secure_services.hpp"
#include "vm/vcpu.hpp"

#include <concepts>

namespace trv::trap {

/// A class of two static functions. claims() is whether a function identifier is the service's; no two services claim
/// the same one. handle() answers a call: arguments in x1 to x7, results from x0 on. It writes only the registers that
/// the function defines as results, leaves the PC alone, and refuses what it does not know by answer_not_supported().
template <typename T>
concept SmcService = requires(vm::Vcpu& vcpu, u32 function) {
    { T::claims(function) } -> std::same_as<bool>;
    { T::handle(vcpu, function) } -> std::same_as<void>;
};

/// Whether it is a fast call (in either width) that its owner answers [SMCCC 6.1].
[[nodiscard]] constexpr bool is_fast_call_of(arch::smccc::Owner owner, u32 function) {
    return arch::smccc::is_fast(function) && arch::smccc::owner(function) == static_cast<u32>(owner);
}

inline void answer(vm::Vcpu& vcpu, u64 x0) {
    vcpu.registers().x[0] = x0;
}

/// Sign-extended, because callers check w0 or x0 [SMCCC 5.1].
inline void answer_signed(vm::Vcpu& vcpu, i32 value) {
    answer(vcpu, static_cast<u64>(i64{value}));
}

inline void answer_not_supported(vm::Vcpu& vcpu) {
    answer(vcpu, ~u64{0});
}

/// A guest's calls to its OP-TEE. If OP-TEE returns because of a physical interrupt,
/// EL2 takes the interrupt; the call returns to the guest only if the interrupt concerns this vCPU, or if other vCPUs
/// are ready.
struct SecureCalls {
    static constexpr bool claims(u32 function) { return vm::Mediator::claims(function); }
    static void handle(vm::Vcpu& vcpu, u32 function);
};

/// PSCI 1.1 for guests (DEN0022).
struct PsciCalls {
    /// The range that is reserved for it, in either width [SMCCC 6.1].
    static constexpr bool claims(u32 function) { return (function & 0xbfff'ffe0) == 0x8400'0000; }
    static void handle(vm::Vcpu& vcpu, u32 function);
};

} // namespace trv::trap
