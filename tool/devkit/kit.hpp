// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <vector>

namespace trv::tool::devkit {

/// The folders of Debian's development files for trusted and client applications.
struct Kit {
    std::filesystem::path folder;         ///< OP-TEE's TA development kit
    std::filesystem::path client_headers; ///< tee_client_api.h
    std::filesystem::path client_library; ///< libteec for arm64

    /// The key with which OP-TEE checks signatures, and the kit's default for signing.
    [[nodiscard]] std::filesystem::path key() const { return folder / "keys" / "default_ta.pem"; }
};

[[nodiscard]] std::vector<packages::PackageId> kit_packages();

[[nodiscard]] Result<Kit> find_kit(const packages::PackageStore& store);

} // namespace trv::tool::devkit
