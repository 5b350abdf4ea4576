// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/manager.hpp"
#include "tool/support/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace trv::host::manager {

using tool::Result;

/// What a call carries in one of its parameters, or gets back there. The command's row says which kind each one has.
struct Argument {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    std::string_view input{};     ///< of memory that goes in
    std::uint64_t registered = 0; ///< instead: the first page of a RegisteredMemory, by its number; 0: none
    std::size_t room = 0;         ///< for memory that comes back
    std::string output{};         ///< that memory
};
using Arguments = std::array<Argument, 4>;

/// What the manager said to a call: a TEE_Result [GlobalPlatform TEE Client API 4.4.2].
enum class Verdict : std::uint32_t {
    Success = 0,
    Generic = 0xffff'0000,
    AccessDenied = 0xffff'0001,
    BadParameters = 0xffff'0006,
    BadState = 0xffff'0007,
    ItemNotFound = 0xffff'0008,
    NotSupported = 0xffff'000a,
    OutOfMemory = 0xffff'000c,
    Busy = 0xffff'000d,
    ShortBuffer = 0xffff'0010,
};

/// For messages.
[[nodiscard]] std::string text_of(Verdict verdict);

/// Memory of this process that the other side uses until this object ends.
class RegisteredMemory {
  public:
    RegisteredMemory() = default;
    RegisteredMemory(const RegisteredMemory&) = delete;
    RegisteredMemory& operator=(const RegisteredMemory&) = delete;
    virtual ~RegisteredMemory() = default;

    /// For Argument::registered; not 0.
    [[nodiscard]] virtual std::uint64_t number() const = 0;
};

/// A way to the manager: a session of it. Several threads may use it at a time.
class Transport {
  public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Carries one command there, and its answer back. An error is one of the way, not of the manager.
    [[nodiscard]] virtual Result<Verdict> call(contract::manager::Command command, Arguments& arguments) = 0;

    /// @param memory  whole pages, which stay mapped as long as the result exists
    [[nodiscard]] virtual Result<std::unique_ptr<RegisteredMemory>> register_memory(std::span<char> memory) = 0;
};

} // namespace trv::host::manager
