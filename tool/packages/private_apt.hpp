// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/packages/control.hpp"
#include "tool/packages/package_id.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/progress.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace trv::tool::packages {

struct SidList;

/// A private apt, with its sources, lists and cache in build/, that never changes the host's packages. It uses the
/// host's proxies and credentials, and checks signatures with Debian's keyring.
class PrivateApt {
  public:
    /// Writes the configuration, and fetches the package lists if there are none yet.
    /// The one of another architecture than arm64 has a folder and lists of its own, of trixie's binary packages only.
    [[nodiscard]] static Result<PrivateApt> create(const Paths& paths, Progress::Step& step,
                                                   Architecture architecture = Architecture::Arm64);

    /// Fetches the lists of these packages again: versions leave the archive at point releases, and sid at any time.
    [[nodiscard]] Result<void> update(const std::vector<PackageId>& ids, Progress::Step& step) const;

    /// The archive's records of binary packages, in any order.
    [[nodiscard]] Result<std::vector<ControlParagraph>> show(const std::vector<PackageId>& ids) const;

    /// Downloads binary packages into `folder`.
    [[nodiscard]] Result<void> download(const std::vector<PackageId>& ids, const std::filesystem::path& folder,
                                        std::uint64_t total_bytes, Progress::Step& step) const;

    /// Downloads what an installation of these packages, and all that they need, into an empty root file system takes.
    /// @param folder  where it is looked for, too
    /// @return        the files' names
    [[nodiscard]] Result<std::vector<std::string>> download_installation(const std::string& suite,
                                                                         const std::vector<std::string>& names,
                                                                         const std::filesystem::path& folder,
                                                                         Progress::Step& step) const;

    /// Downloads the parts of a source package into `folder`.
    [[nodiscard]] Result<void> download_source(const PackageId& id, const std::filesystem::path& folder) const;

  private:
    PrivateApt(const Paths& paths, Architecture architecture);

    [[nodiscard]] Result<void> configure() const;
    /// Fetches the lists of the releases.
    [[nodiscard]] Result<void> fetch_lists(Progress::Step& step) const;
    /// Fetches a list of what is taken from sid, if it is not there yet.
    [[nodiscard]] Result<void> require_sid(const SidList& list) const;
    /// Runs apt-get to its end, and shows how much has arrived in a folder.
    /// @param total_bytes  of what is to arrive; 0: not known
    [[nodiscard]] Result<void> fetch(std::vector<std::string> arguments, const std::filesystem::path& folder,
                                     std::uint64_t total_bytes, Progress::Step& step) const;
    /// The command line that fetches the lists of the archives in a file.
    [[nodiscard]] std::vector<std::string> update_of(const char* list) const;
    /// The command line of one of apt's programs with our configuration.
    [[nodiscard]] std::vector<std::string> apt(std::string program, std::vector<std::string> arguments) const;

    Architecture architecture_;
    std::filesystem::path folder_;
    std::filesystem::path log_;
};

} // namespace trv::tool::packages
