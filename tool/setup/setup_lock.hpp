// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/context.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

namespace trv::tool::setup {

/// Held while build/ changes; another command's setup waits. Removes leftovers of interrupted commands first.
class SetupLock {
  public:
    [[nodiscard]] static Result<SetupLock> take(Context& context);

  private:
    explicit SetupLock(FileDescriptor file) : file_(std::move(file)) {}

    FileDescriptor file_; ///< the lock ends when it is closed
};

} // namespace trv::tool::setup
