// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/ta/project/client_options.hpp"
#include "tool/ta/project/source_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

/// How a trusted application is built: as it is shipped, so that a debugger shows all of it, or so that it records the
/// calls of its functions.
enum class BuildKind { Usual, Debug, Tracing };

/// A folder with a trusted application in ta/, its client in client/, what they share in include/, and scripts that
/// test them in a VM in test/.
struct Project {
    std::filesystem::path folder; ///< absolute
    std::string name;             ///< the folder's, and the client program's
    std::string uuid;             ///< as ta/Makefile has it, in lower case
    std::string uuid_place;       ///< where that is: "…/ta/Makefile:5"
    ClientOptions client{};       ///< of ta.toml
    BuildKind kind = BuildKind::Usual;

    [[nodiscard]] std::filesystem::path output(const Paths& paths) const {
        const auto usual = paths.build() / "ta" / name;
        return kind == BuildKind::Debug ? usual / "debug" : kind == BuildKind::Tracing ? usual / "tracing" : usual;
    }
    [[nodiscard]] std::string guest_ta() const { return "/lib/optee_armtz/" + uuid + ".ta"; }
    [[nodiscard]] std::string guest_client() const { return "/usr/bin/" + name; }
    /// Where the client's own shared libraries are in the VM, apart from those of the VM's programs.
    [[nodiscard]] std::string guest_libraries() const { return "/usr/lib/trivisor/" + name; }
};

/// Reads a project's properties from its files.
[[nodiscard]] Result<Project> read_project(const Paths& paths, const std::filesystem::path& folder);

} // namespace trv::tool::ta
