#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

namespace trv::tool::setup {

/// The package that has the hypervisor's only library: libfdt for arm64.
[[nodiscard]] packages::PackageId libfdt_package();

/// Where the build finds it: include/ and lib/libfdt.a.
[[nodiscard]] std::filesystem::path libfdt_folder(const Paths& paths);

/// Lays the library out as the hypervisor's build expects it.
[[nodiscard]] Result<void> prepare_libfdt(const Paths& paths, const packages::PackageStore& store);

/// Builds the hypervisor's image and the bare-metal guests; a build that has nothing to do is quick.
[[nodiscard]] Result<void> build_hypervisor(const Paths& paths);

} // namespace trv::tool::setup
