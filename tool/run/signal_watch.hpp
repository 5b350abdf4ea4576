#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <csignal>

namespace trv::tool::runs {

/// Turns SIGINT, SIGTERM and SIGHUP into something to poll for as long as it lives, so that a run can end its machine
/// and restore the terminal before the command dies of them.
class SignalWatch {
  public:
    [[nodiscard]] static Result<SignalWatch> create();
    SignalWatch(SignalWatch&& other) noexcept;
    SignalWatch& operator=(SignalWatch&&) = delete;
    ~SignalWatch();

    [[nodiscard]] int descriptor() const { return descriptor_.get(); }

    /// The signal that came; 0 when none did.
    [[nodiscard]] int take();

  private:
    SignalWatch(FileDescriptor descriptor, const sigset_t& before)
        : descriptor_{std::move(descriptor)}, before_{before} {}

    FileDescriptor descriptor_;
    sigset_t before_;
};

} // namespace trv::tool::runs
