// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/package_id.hpp"
#include "tool/packages/private_apt.hpp"
#include "tool/packages/resolved_versions.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <filesystem>
#include <vector>

namespace trv::tool::packages {

/// The packages in build/cache/packages: fetched once, then available without a network.
class PackageStore {
  public:
    explicit PackageStore(const Paths& paths)
        : paths_(paths), resolved_(ResolvedVersions::load(paths.resolved_versions())) {}

    /// Whether the package is recorded and its files exist.
    [[nodiscard]] bool has(const PackageId& id) const;

    /// Fetches missing packages, and unpacks them according to their kinds.
    [[nodiscard]] Result<void> require(const std::vector<PackageId>& ids, Progress::Step& step);

    /// Fetches all that an installation of these packages into an empty root file system takes.
    /// @param names  packages, or apt's patterns for some
    /// @return       their files
    [[nodiscard]] Result<std::vector<std::filesystem::path>>
    require_installation(const std::string& suite, const std::vector<std::string>& names, Progress::Step& step,
                         Architecture architecture = Architecture::Arm64);

    /// The folder of an unpacked package or source package.
    [[nodiscard]] std::filesystem::path tree(const PackageId& id) const;

    /// The downloaded files of a package that the store has.
    [[nodiscard]] std::vector<std::filesystem::path> files(const PackageId& id) const;

    /// Package and version, for stamps and reports; empty if the store does not have it.
    [[nodiscard]] std::string version(const PackageId& id) const;

  private:
    /// A requested package, and what the archive offers for it: one, or a few that belong together.
    struct Wanted {
        PackageId id;
        std::vector<PackageId> concrete;
        ResolvedPackage resolved = {};
    };

    [[nodiscard]] std::filesystem::path archives() const { return paths_.packages() / "archives"; }
    [[nodiscard]] Result<void> fetch_binaries(const PrivateApt& apt, const std::vector<PackageId>& ids,
                                              Progress::Step& step);
    [[nodiscard]] Result<void> fetch_source(const PrivateApt& apt, const PackageId& id);
    [[nodiscard]] Result<void> install(Wanted wanted);
    [[nodiscard]] Result<void> keep_files(const std::filesystem::path& folder);

    Paths paths_;
    ResolvedVersions resolved_;
};

} // namespace trv::tool::packages
