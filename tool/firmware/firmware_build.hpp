// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/firmware/optee_variant.hpp"
#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::firmware {

/// The address of the device tree for the firmware; the tool loads it there.
inline constexpr std::uint64_t device_tree_address = 0x4000'0000;

/// The flash image of a variant, as `run_setup` leaves it.
[[nodiscard]] std::filesystem::path flash_path(const Paths& paths, OpteeVariant variant);

[[nodiscard]] packages::PackageId optee_package();

/// TF-A's source packages, the preferred one first.
[[nodiscard]] std::vector<packages::PackageId> source_packages();

/// All inputs of the result.
[[nodiscard]] std::string inputs(const packages::PackageStore& store, OpteeVariant variant);

/// Builds TF-A with the variant's OP-TEE into the flash image.
[[nodiscard]] Result<void> build(const Paths& paths, const packages::PackageStore& store, OpteeVariant variant);

} // namespace trv::tool::firmware
