// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/ta/debug/core_symbols.hpp"

#include <sys/types.h>

#include <filesystem>
#include <utility>

namespace trv::tool::ta {

/// A machine to which gdb can connect: one that runs, or one that is booted for this object and ends with it.
class DebugMachine {
  public:
    /// @param machine  a machine description, or the name of a run; empty: one that runs, else the default one
    [[nodiscard]] static Result<DebugMachine> find_or_start(Context& context, const std::filesystem::path& machine);
    DebugMachine(DebugMachine&& other) noexcept
        : folder_(std::move(other.folder_)), optee_(std::move(other.optee_)), group_(std::exchange(other.group_, -1)) {}
    DebugMachine& operator=(DebugMachine&&) = delete;
    ~DebugMachine();

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] const CoreSymbols& optee() const { return optee_; }

  private:
    DebugMachine(std::filesystem::path folder, CoreSymbols optee, pid_t group)
        : folder_(std::move(folder)), optee_(std::move(optee)), group_(group) {}

    std::filesystem::path folder_; ///< of the run
    CoreSymbols optee_;
    pid_t group_; ///< of the process that runs it for us; -1: it does not end with this object
};

} // namespace trv::tool::ta
