// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trv::host::serve {

/// What systemd does for a service of the type "notify": it waits for its readiness, and keeps descriptors of it while it
/// is started again. Without systemd nothing happens. Source: [sd_notify(3)], [sd_listen_fds(3)].
class ServiceManager {
  public:
    struct Kept {
        std::string name{};
        tool::FileDescriptor descriptor{};
    };

    /// From this process's environment, out of which it is taken: programs that this one starts are no services.
    [[nodiscard]] static ServiceManager take_from_environment();

    /// This service's name; empty without systemd.
    [[nodiscard]] const std::string& service() const { return service_; }
    /// The descriptors that the service before this one has let it keep.
    [[nodiscard]] std::vector<Kept>& kept() { return kept_; }

    [[nodiscard]] tool::Result<void> ready() const { return say("READY=1"); }
    /// Lets it keep a descriptor until the service is stopped.
    /// @param name  of printable characters, without ':'
    [[nodiscard]] tool::Result<void> keep(int descriptor, std::string_view name) const;
    /// Lets it close what it keeps under this name.
    [[nodiscard]] tool::Result<void> drop(std::string_view name) const;

  private:
    [[nodiscard]] tool::Result<void> say(std::string_view words, std::span<const int> descriptors = {}) const;

    std::string socket_{}; ///< its path; empty without systemd
    std::string service_{};
    std::vector<Kept> kept_{};
};

} // namespace trv::host::serve
