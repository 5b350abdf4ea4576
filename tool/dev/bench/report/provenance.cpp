// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/provenance.hpp"

#include "tool/packages/resolved_versions.hpp"
#include "tool/qemu/qemu_machine.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <thread>

namespace trv::tool::dev::bench {

namespace {

std::string first_line(std::string text) {
    return text.substr(0, text.find('\n'));
}

/// The value of the first line "KEY : VALUE" of /proc/cpuinfo.
std::string processor() {
    constexpr std::string_view key = "model name";
    const std::string text = read_file("/proc/cpuinfo").value_or("");
    const std::size_t at = text.find(key);
    const std::size_t colon = at == std::string::npos ? at : text.find(": ", at);
    return colon == std::string::npos ? "unknown processor" : first_line(text.substr(colon + 2));
}

} // namespace

Result<std::map<std::string, std::string>> versions_here(const Paths& paths) {
    std::map<std::string, std::string> versions{{"trivisor", TRIVISOR_VERSION}, {"qemu", TRY(qemu::qemu_version())}};
    const auto commit =
        capture("commit", {.arguments = {"git", "-C", paths.root(), "describe", "--always", "--dirty"}});
    if (commit) {
        versions["commit"] = first_line(*commit);
    }
    for (const auto& [id, package] : packages::ResolvedVersions::load(paths.resolved_versions()).all()) {
        versions[id] = package.package == id.substr(id.find('/') + 1)
                           ? package.version
                           : fmt::format("{} {}", package.package, package.version);
    }
    return versions;
}

std::string host_description() {
    utsname kernel{};
    ::uname(&kernel);
    return fmt::format("{}, {} CPUs, {} {}", processor(), std::thread::hardware_concurrency(), kernel.sysname,
                       kernel.release);
}

} // namespace trv::tool::dev::bench
