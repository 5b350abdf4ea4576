// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/consoles/channel_watch.hpp"
#include "host/serve/service_manager.hpp"
#include "tool/machine/machine_description.hpp"

namespace trv::host::serve {

struct ServeOptions {
    bool start = false;   ///< the VM, when it has been made
    bool replace = false; ///< a VM of this name that a host before this one has left
};

/// Makes a VM, serves its devices, and keeps its variables, until it is forgotten, or a signal comes, which ends the VM; a VM
/// without either is made only. When the service was killed before, the VM exists, and is taken over.
/// @return the exit code
[[nodiscard]] tool::Result<int> serve_vm(const consoles::Connect& connect,
                                         const tool::machine::VmDescription& description, const ServeOptions& options,
                                         ServiceManager& service_manager);

/// Has systemd run a service that does so, and waits until the VM has been made.
/// @param file  the description
[[nodiscard]] tool::Result<void> start_service(const tool::machine::VmDescription& description,
                                               const std::filesystem::path& file, bool start);

} // namespace trv::host::serve
