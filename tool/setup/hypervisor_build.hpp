// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

namespace trv::tool::setup {

/// The package that has the hypervisor's only library: libfdt for arm64.
[[nodiscard]] packages::PackageId libfdt_package();

/// The library's folder for the build: include/ and lib/libfdt.a.
[[nodiscard]] std::filesystem::path libfdt_folder(const Paths& paths);

/// Copies the library to the places that the hypervisor's build expects.
[[nodiscard]] Result<void> prepare_libfdt(const Paths& paths, const packages::PackageStore& store);

/// An image and the files beside it.
struct HypervisorImage {
    std::filesystem::path folder;
    [[nodiscard]] std::filesystem::path binary() const { return folder / "hypervisor" / "trivisor.bin"; }
    [[nodiscard]] std::filesystem::path options() const {
        return folder / "hypervisor" / "include" / "generated" / "options.json";
    }
};

/// The build folder of an image with this configuration.
/// @param config  as options::find_config() understands it
[[nodiscard]] Result<HypervisorImage> hypervisor_image(const Paths& paths, const std::string& config);

/// Builds the hypervisor's image, and the bare-metal guests with the current configuration's image; a build that has
/// nothing to do is quick.
/// @param config  as above
[[nodiscard]] Result<void> build_hypervisor(const Paths& paths, const std::string& config);

} // namespace trv::tool::setup
