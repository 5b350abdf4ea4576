// SPDX-License-Identifier: Apache-2.0
#include "host/disks/new_disk.hpp"

#include "contract/limits.hpp"
#include "host/devices/backend/backend_process.hpp"
#include "tool/machine/machine_description.hpp"
#include "tool/machine/values/byte_size.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

namespace trv::host::disks {

namespace {

using tool::Result;
using tool::machine::DiskFormat;

constexpr const char* maker = "/usr/lib/trivisor/make-debian";
constexpr std::string_view debian = "debian:";
constexpr std::uint64_t least_debian = 2 * tool::machine::gib;

Result<void> make_empty(const std::filesystem::path& image, std::uint64_t size) {
    const tool::FileDescriptor file{::open(image.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
        return tool::system_failure(image, "cannot be made", "Only root makes disks.");
    }
    return {};
}

Result<void> make_debian(const Origin& origin, const std::filesystem::path& image, std::uint64_t size) {
    const auto status = TRY(tool::run_process(
        {.arguments = {"sh", maker, origin.suite, std::to_string(size / tool::machine::mib), image.string()},
         .output = STDERR_FILENO}));
    return status.good()
               ? Result<void>{}
               : tool::failure(image,
                               fmt::format("the Debian cannot be made: {} ended with exit code {}", maker, status.code),
                               "What it said comes before this message.");
}

Result<void> make_raw(const NewDisk& disk, const std::filesystem::path& image) {
    return disk.from.empty() ? make_empty(image, disk.size)
                             : make_debian(TRY(parse_origin(disk.from)), image, disk.size);
}

Result<void> make_qcow2(const NewDisk& disk, const std::filesystem::path& image) {
    const auto scratch = TRY(tool::TemporaryFolder::create(image.parent_path(), "raw"));
    const auto raw = scratch.path() / "disk.img";
    TRY(make_raw(disk, raw));
    TRY(tool::run_checked("disk create",
                          {.arguments = {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image}}));
    return {};
}

/// The image, if a disk of this name exists.
std::optional<std::filesystem::path> find_disk(const std::string& name) {
    std::error_code problem;
    for (const auto format : {DiskFormat::Raw, DiskFormat::Qcow2}) {
        if (auto image = tool::machine::named_disk(name, format); std::filesystem::exists(image, problem)) {
            return image;
        }
    }
    return std::nullopt;
}

} // namespace

Result<Origin> parse_origin(const std::string& text) {
    const std::string suite = text.starts_with(debian) ? text.substr(debian.size()) : "";
    const auto allowed = [](char letter) { return (letter >= 'a' && letter <= 'z') || letter == '-'; };
    if (suite.empty() || suite.starts_with('-') || !std::ranges::all_of(suite, allowed)) {
        return tool::usage_error("--from", text, "is not something that a disk can be made from",
                                 "Write debian:SUITE, for example debian:trixie.");
    }
    return Origin{.suite = suite};
}

Result<std::filesystem::path> create_disk(const NewDisk& disk) {
    if (!contract::is_label(disk.name)) {
        return tool::usage_error(
            "NAME", disk.name, "is not a valid name",
            fmt::format("Use 1 to {} characters from a to z, 0 to 9 and '-'.", contract::max_label));
    }
    if (const auto other = find_disk(disk.name)) {
        return tool::usage_error("NAME", disk.name, fmt::format("{} exists", other->string()),
                                 "Choose another name, or remove that disk.");
    }
    const auto image = tool::machine::named_disk(disk.name, disk.format);
    if (!disk.from.empty() && disk.size < least_debian) {
        return tool::usage_error("--size", tool::machine::format_size(disk.size), "is too little for a Debian",
                                 fmt::format("Give it at least {}.", tool::machine::format_size(least_debian)));
    }
    TRY(tool::make_whole(image, [&](const std::filesystem::path& beside) -> Result<void> {
        TRY(disk.format == DiskFormat::Qcow2 ? make_qcow2(disk, beside) : make_raw(disk, beside));
        // Without that user they are root's.
        (void)TRY(devices::give_to_backends(beside, "disks", "Only root makes disks."));
        return {};
    }));
    return image;
}

} // namespace trv::host::disks
