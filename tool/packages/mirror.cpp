// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/mirror.hpp"

#include "tool/support/process/process.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

namespace trv::tool::packages {
namespace {

constexpr std::array debian_releases = {"bullseye", "bookworm",  "trixie",  "forky",    "sid",
                                        "stable",   "oldstable", "testing", "unstable", "oldoldstable"};

constexpr const char* hint = "Add Debian's archive to the machine's apt sources, or set TRIVISOR_DEBIAN_MIRROR to the "
                             "address of a Debian mirror.";

} // namespace

std::optional<std::string> choose_mirror(std::string_view targets) {
    std::istringstream lines{std::string(targets)};
    std::string address;
    std::string release;
    std::string component;
    while (lines >> address >> release >> component) {
        // Security and updates have releases of their own; other vendors use Debian's names with other components.
        const bool debian = std::ranges::find(debian_releases, release) != debian_releases.end();
        if (debian && component == "main") {
            return address;
        }
    }
    return std::nullopt;
}

Result<std::string> find_mirror() {
    if (const char* mirror = std::getenv("TRIVISOR_DEBIAN_MIRROR"); mirror != nullptr && *mirror != '\0') {
        return mirror;
    }
    const std::string targets =
        TRY(capture("setup: packages",
                    {.arguments = {"apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"}}));
    if (std::optional<std::string> mirror = choose_mirror(targets)) {
        return *std::move(mirror);
    }
    return failure("setup: packages", "no Debian archive is among this machine's apt sources", hint);
}

} // namespace trv::tool::packages
