// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/manager/manager.hpp"
#include "host/vms/images.hpp"
#include "tool/guest/boot_arguments.hpp"

namespace trv::host::vms {

/// How a VM of a description is to be made.
struct Making {
    manager::Lifetime lifetime = manager::Lifetime::Persistent;
    tool::guest::Mode mode = tool::guest::Mode::Shell;
};

/// Takes a VM in and loads its images; it is ready to start. A name that is taken, or memory that the machine does not
/// have, is an error of the description.
[[nodiscard]] tool::Result<manager::NewVm> make_vm(manager::Manager& manager, const tool::machine::VmDescription& vm,
                                                   const Images& images, const Making& making);

} // namespace trv::host::vms
