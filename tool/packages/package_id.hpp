// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>

namespace trv::tool::packages {

/// The treatment of a package after its download.
enum class PackageKind {
    Unpacked, ///< a binary package, unpacked into its own tree
    Kernel,   ///< a meta-package: what has its kernel is fetched, and stays packed because of its size
    Source,   ///< a source package, unpacked and patched
};

/// Whose programs packages have.
enum class Architecture {
    Arm64, ///< the emulated machine's
    Host,  ///< this machine's
};

/// A package of Debian's arm64 archive.
struct PackageId {
    std::string suite; ///< "trixie"
    std::string name;  ///< "optee-os"
    PackageKind kind = PackageKind::Unpacked;

    [[nodiscard]] std::string text() const { return suite + "/" + name; }
};

} // namespace trv::tool::packages
