// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace trv::tool::packages {

/// The resolution of a package name when it was fetched.
struct ResolvedPackage {
    std::string package;            ///< differs from the requested name for a meta-package
    std::string version;            ///< Debian's version
    std::vector<std::string> files; ///< as downloaded

    bool operator==(const ResolvedPackage&) const = default;
};

/// The record of everything fetched, kept as JSON: "trixie/optee-os" to its package, version and files.
class ResolvedVersions {
  public:
    /// A missing or damaged file is an empty record: everything is fetched again.
    [[nodiscard]] static ResolvedVersions load(const std::filesystem::path& path);
    [[nodiscard]] Result<void> save(const std::filesystem::path& path) const;

    [[nodiscard]] const ResolvedPackage* find(const PackageId& id) const;
    void set(const PackageId& id, ResolvedPackage package);

    [[nodiscard]] const std::map<std::string, ResolvedPackage>& all() const { return packages_; }

  private:
    std::map<std::string, ResolvedPackage> packages_;
};

} // namespace trv::tool::packages
