// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/devices/boot_disk.hpp"
#include "host/disks/new_disk.hpp"
#include "tool/machine/values/byte_size.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <memory>

namespace trv::host::commands {

namespace {

using tool::machine::DiskFormat;

struct Written {
    std::string name{};
    std::string from{};
    std::string size = "8GiB";
    std::string format{name_of(DiskFormat::Raw)};
};

tool::Result<DiskFormat> parse_format(const std::string& written) {
    for (const auto format : {DiskFormat::Raw, DiskFormat::Qcow2}) {
        if (written == name_of(format)) {
            return format;
        }
    }
    return tool::usage_error("--format", written, "is not a format of disks", "Write raw or qcow2.");
}

tool::Result<int> create(const Written& written) {
    const auto size = tool::machine::parse_size(written.size);
    if (!size || *size == 0) {
        return tool::usage_error("--size", written.size, "is not a size", "Write a number and KiB, MiB or GiB: 8GiB.");
    }
    const auto image = TRY(disks::create_disk(
        {.name = written.name, .from = written.from, .size = *size, .format = TRY(parse_format(written.format))}));
    fmt::print("{}\n", image.string());
    return 0;
}

struct BootFilesWritten {
    std::string image{};
    std::string format{name_of(DiskFormat::Raw)};
    std::string folder{};
};

} // namespace

void add_disk(CLI::App& app, Action& action) {
    CLI::App* disk = app.add_subcommand("disk", "Make disks for VMs");
    disk->require_subcommand(1);
    const auto written = std::make_shared<Written>();
    CLI::App* command = disk->add_subcommand("create", "Make a disk in /var/lib/trivisor/disks, and print its path");
    command->add_option("NAME", written->name, "Its name, for the key disk of a VM")->required();
    command->add_option("--from", written->from,
                        "debian:SUITE: with a Debian that a VM can boot; otherwise it is empty");
    command->add_option("--size", written->size,
                        "Its size (default 8GiB); it takes as much of the host as is written to it");
    command->add_option("--format", written->format, "raw (default), or qcow2, which can be copied without its zeros");
    command->callback(
        [&action, written] { action = [written](const consoles::Connect&) { return create(*written); }; });

    const auto boot = std::make_shared<BootFilesWritten>();
    CLI::App* boot_files = disk->add_subcommand(
        "boot-files", "Copy the kernel and the initramfs that a disk boots to a folder: what create does in a sandbox");
    boot_files->add_option("IMAGE", boot->image, "An image, or a block device")->required();
    boot_files->add_option("FOLDER", boot->folder, "The folder")->required();
    boot_files->add_option("--format", boot->format, "raw (default) or qcow2");
    boot_files->callback([&action, boot] {
        action = [boot](const consoles::Connect&) -> tool::Result<int> {
            TRY(devices::write_boot_files(boot->image, TRY(parse_format(boot->format)), boot->folder));
            return 0;
        };
    });
}

} // namespace trv::host::commands
