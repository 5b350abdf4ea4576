// SPDX-License-Identifier: Apache-2.0
#pragma once
// Expected exceptions: attempt() calls a function, and returns the exception that ended it, if any.

#include "arch/registers/syndrome.hpp"
#include "lib/types.hpp"

#include <optional>

namespace trv::bare {

struct Fault {
    u64 syndrome; ///< ESR_EL1
    u64 address;  ///< FAR_EL1
    u64 pc;

    [[nodiscard]] constexpr arch::ExceptionClass exception_class() const {
        return arch::Syndrome{syndrome}.exception_class();
    }
    [[nodiscard]] constexpr bool is_undefined() const { return exception_class() == arch::ExceptionClass::Unknown; }
    /// A synchronous external abort, not on a table walk [Arm ARM D24.2.39, DFSC].
    [[nodiscard]] constexpr bool is_external_abort() const {
        constexpr u64 external = 0x10;
        return exception_class() == arch::ExceptionClass::DataAbortSame && (syndrome & 0x3f) == external;
    }
    /// The same of an instruction fetch.
    [[nodiscard]] constexpr bool is_external_fetch_abort() const {
        constexpr u64 external = 0x10;
        return exception_class() == arch::ExceptionClass::InstructionAbortSame && (syndrome & 0x3f) == external;
    }
};

extern "C" bool bare_attempt(void (*function)(void*), void* argument);
/// The exception that ended the last attempt() on this vCPU.
[[nodiscard]] Fault last_fault();

/// Calls `body` once; nothing it owns is destroyed when an exception ends it.
template <typename Body>
[[nodiscard]] std::optional<Fault> attempt(Body body) {
    const auto call = [](void* object) { (*static_cast<Body*>(object))(); };
    if (bare_attempt(call, &body)) {
        return last_fault();
    }
    return std::nullopt;
}

/// A load or store of one word, as wide as T, by an instruction that a hypervisor can emulate.
template <typename T>
[[nodiscard]] std::optional<Fault> probe_read(u64 address) {
    return attempt([address] { (void)*reinterpret_cast<const volatile T*>(address); });
}
template <typename T>
[[nodiscard]] std::optional<Fault> probe_write(u64 address, T value) {
    return attempt([address, value] { *reinterpret_cast<volatile T*>(address) = value; });
}
/// A call of code at an address.
[[nodiscard]] inline std::optional<Fault> probe_execute(u64 address) {
    return attempt([address] { reinterpret_cast<void (*)()>(address)(); });
}

} // namespace trv::bare
