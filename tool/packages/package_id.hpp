// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <string_view>

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

/// What apt has behind the name of a package for 32-bit Arm.
inline constexpr std::string_view armhf_suffix = ":armhf";

/// A package of Debian's archive, for arm64 unless its name says otherwise.
struct PackageId {
    std::string suite; ///< "trixie"
    std::string name;  ///< "optee-os", "libc6:armhf"
    PackageKind kind = PackageKind::Unpacked;

    [[nodiscard]] bool is_armhf() const { return name.ends_with(armhf_suffix); }
    [[nodiscard]] std::string text() const { return suite + "/" + name; }
};

} // namespace trv::tool::packages
