// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/bring_package.hpp"

#include "tool/disk/partitions.hpp"
#include "tool/packages/control.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::disk {
namespace {

constexpr std::string_view folder = "/var/cache/trivisor";

/// debugfs runs a file of requests. It does not say whether they worked; what cannot be repeated is asked for afterwards.
Result<void> request(const std::string& device, const std::filesystem::path& scratch, std::string_view requests,
                     const std::filesystem::path& log) {
    const auto file = scratch / "requests";
    TRY(write_file(file, requests));
    return run_checked("disk", {.arguments = {"/sbin/debugfs", "-w", "-f", file, device}, .log = log});
}

Result<std::string> show(const std::string& device, std::string_view file) {
    return capture("disk", {.arguments = {"/sbin/debugfs", "-R", fmt::format("cat {}", file), device}});
}

/// The unit that installs what lies in the folder, and what makes the agent wait for it.
std::string unit_requests(const std::filesystem::path& units) {
    return fmt::format("cd /etc/systemd/system\n"
                       "rm trivisor-packages.service\n"
                       "write \"{0}/trivisor-packages.service\" trivisor-packages.service\n"
                       "mkdir trivisor-agent@.service.d\n"
                       "cd trivisor-agent@.service.d\n"
                       "rm packages.conf\n"
                       "write \"{0}/packages.conf\" packages.conf\n",
                       units.string());
}

Result<void> put(const Paths& paths, const std::string& device, const std::filesystem::path& package) {
    const auto scratch = TRY(TemporaryFolder::create(paths.cache(), "package"));
    const std::string name = package.filename().string();
    const std::string requests =
        fmt::format("mkdir {0}\ncd {0}\nrm {1}\nwrite \"{2}\" {1}\n", folder, name, package.string()) +
        unit_requests(paths.root() / "host" / "boot");
    TRY(request(device, scratch.path(), requests, paths.logs() / "disk.log"));
    if (TRY(show(device, fmt::format("{}/{}", folder, name))).size() != std::filesystem::file_size(package)) {
        return failure("disk", fmt::format("{} cannot be put on the disk", name),
                       "Make a new disk with ./trivisor host --fresh.");
    }
    return {};
}

} // namespace

std::optional<std::string> installed_version(std::string_view status, std::string_view package) {
    for (const auto& paragraph : packages::parse_control(status)) {
        const auto field = [&](const char* name) {
            const auto found = paragraph.find(name);
            return found == paragraph.end() ? std::string{} : found->second;
        };
        if (field("Package") == package && field("Status").ends_with(" installed")) {
            return field("Version");
        }
    }
    return std::nullopt;
}

Result<void> bring_package(Context& context, const std::filesystem::path& image, const std::filesystem::path& package) {
    const std::uint64_t offset = TRY(find_root_offset(image));
    const std::string device = fmt::format("{}?offset={}", image.string(), offset);
    const auto ask = [&](const char* field) {
        return capture("disk", {.arguments = {"dpkg-deb", "-f", package, field}});
    };
    const auto trimmed = [](std::string text) {
        std::erase(text, '\n');
        return text;
    };
    const std::string name = trimmed(TRY(ask("Package")));
    if (installed_version(TRY(show(device, "/var/lib/dpkg/status")), name) == trimmed(TRY(ask("Version")))) {
        return {};
    }
    if (TRY(needs_recovery(image, offset))) {
        context.progress.say(
            fmt::format("disk: the system was not shut down; it gets the new {} at the start after this", name));
        return {};
    }
    return put(context.paths, device, package);
}

} // namespace trv::tool::disk
