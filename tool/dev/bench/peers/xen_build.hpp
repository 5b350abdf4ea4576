// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::dev::bench {

/// Xen's source packages, the preferred one first: a mirror may lack the newest for a while.
[[nodiscard]] std::vector<packages::PackageId> xen_packages();

/// The raw image, as `build_xen` leaves it.
[[nodiscard]] std::filesystem::path xen_image(const Paths& paths);

/// Everything that the result depends on.
[[nodiscard]] std::string xen_inputs(const packages::PackageStore& store);

/// Package and version of the source that the store has.
[[nodiscard]] std::string xen_version(const packages::PackageStore& store);

/// Builds Xen with its OP-TEE mediator, which Debian's own build leaves out.
[[nodiscard]] Result<void> build_xen(const Paths& paths, const packages::PackageStore& store);

} // namespace trv::tool::dev::bench
