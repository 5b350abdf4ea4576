// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace trv::tool::dev::bench {

/// Listens to the console of a VM whose machine another `run` keeps running.
class ConsoleWatch {
  public:
    [[nodiscard]] static Result<ConsoleWatch> open(const std::filesystem::path& run_folder, const std::string& vm);

    /// Returns when the VM has said `text`, after open().
    [[nodiscard]] Result<void> wait_for(std::string_view text, double seconds);

  private:
    ConsoleWatch(FileDescriptor socket, std::string vm) : socket_{std::move(socket)}, vm_{std::move(vm)} {}

    FileDescriptor socket_;
    std::string vm_;
    std::string heard_;
};

} // namespace trv::tool::dev::bench
