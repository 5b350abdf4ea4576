// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <csignal>

namespace trv::tool {

/// Makes SIGINT, SIGTERM and SIGHUP inputs of an EventLoop while it exists, so that a run can stop its machine and
/// restore the terminal before the command ends.
class SignalWatch {
  public:
    [[nodiscard]] static Result<SignalWatch> create();
    SignalWatch(SignalWatch&& other) noexcept;
    SignalWatch& operator=(SignalWatch&&) = delete;
    ~SignalWatch();

    [[nodiscard]] int descriptor() const { return descriptor_.get(); }

    /// The received signal; 0 if none.
    [[nodiscard]] int take();

  private:
    SignalWatch(FileDescriptor descriptor, const sigset_t& before)
        : descriptor_{std::move(descriptor)}, before_{before} {}

    FileDescriptor descriptor_;
    sigset_t before_;
};

} // namespace trv::tool
