// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/platform/platform.hpp"
#include "tool/support/context.hpp"
#include "tool/support/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trv::tool::setup {

struct SetupOptions {
    /// Kernels as machine descriptions name them; paths are skipped. None given: those that the tests need.
    std::optional<std::vector<std::string>> kernels = {};

    /// Packages with guests' firmware.
    std::vector<packages::PackageId> guest_firmware = {};

    /// Whether to build the hypervisor's image as well.
    bool hypervisor = true;

    /// Its configuration, as for options::find_config(); empty: the current one.
    std::string config = {};

    /// Whose firmware to build; never null.
    const platform::Platform* platform = &platform::qemu_virt;

    /// The QEMU that runs the machine.
    platform::QemuChoice qemu = platform::QemuChoice::Installed;

    /// The firmware to build: with each of these.
    std::vector<firmware::Optee> optees = {};
};

/// The OP-TEEs of machines whose descriptions do not choose one: with TEEs for VMs, and without.
[[nodiscard]] std::vector<firmware::Optee> usual_optees(const platform::Platform& platform = platform::qemu_virt);

/// Fetches and builds all that machines need: packages, firmware, kernels, the guests' root file system, the
/// hypervisor. It skips what is up to date, without output and without a network. Only one setup runs at a time in a
/// checkout; a second one waits for the first.
[[nodiscard]] Result<void> run_setup(Context& context, const SetupOptions& options = {});

} // namespace trv::tool::setup
