// SPDX-License-Identifier: Apache-2.0
#include "host/devices/boot_disk.hpp"

#include "host/devices/backend/backend_process.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace trv::host::devices {

namespace {

using tool::Result;
using tool::disk::BootFiles;
using tool::machine::DiskFormat;
using tool::machine::VmDisk;

constexpr const char* kernel_name = "kernel";
constexpr const char* ramdisk_name = "initramfs";
constexpr const char* root_name = "root";
constexpr std::size_t longest_root = 200;

/// The file becomes ours alone: in a folder where no other program can put anything else in its place.
Result<std::filesystem::path> move_file(const std::filesystem::path& left, const char* name,
                                        const std::filesystem::path& folder) {
    const auto moved = folder / name;
    struct stat status{};
    if (::rename((left / name).c_str(), moved.c_str()) != 0 || ::lstat(moved.c_str(), &status) != 0) {
        return tool::system_failure(left / name, "cannot be taken");
    }
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
        return tool::failure(left / name, "is not an ordinary file");
    }
    return moved;
}

bool is_device_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_root &&
           std::ranges::all_of(text, [](unsigned char letter) { return letter > ' ' && letter < 0x7f; });
}

/// Its program: this one.
BackendPlan plan(const VmDisk& disk, const std::filesystem::path& folder) {
    return {
        .name = "boot",
        .program = this_program(),
        .arguments = always({"disk", "boot-files", "--format", std::string{name_of(disk.format)}, disk.image, folder}),
        .files = {disk.image},
        .only_reads = true,
        .rights = {"PrivateNetwork=yes", "ProcSubset=pid", "RestrictAddressFamilies=AF_UNIX", "RestrictNamespaces=yes",
                   "SystemCallFilter=@system-service", "MemoryMax=1G", "RuntimeMaxSec=30min"}};
}

/// The raw contents of a qcow2 image, without those of a backing file: its header may name any file.
Result<void> copy_raw(const std::filesystem::path& image, const std::filesystem::path& copy) {
    std::error_code problem;
    const nlohmann::json file{
        {"driver", std::filesystem::is_block_file(image, problem) ? "host_device" : "file"},
        {"filename", image.string()},
    };
    const nlohmann::json source{{"driver", "qcow2"}, {"backing", nullptr}, {"file", file}};
    return tool::run_checked(image.string(),
                             {.arguments = {"qemu-img", "convert", "-O", "raw", "json:" + source.dump(), copy}});
}

} // namespace

Result<void> write_boot_files(const std::filesystem::path& image, DiskFormat format,
                              const std::filesystem::path& folder) {
    const auto scratch = TRY(tool::TemporaryFolder::create(folder, "raw"));
    const bool is_raw = format == DiskFormat::Raw;
    const auto raw = is_raw ? image : scratch.path() / "disk.img";
    if (!is_raw) {
        TRY(copy_raw(image, raw));
    }
    const auto files = TRY(tool::disk::take_boot_files(raw, folder));
    std::error_code problem;
    std::filesystem::rename(files.kernel, folder / kernel_name, problem);
    if (!problem) {
        std::filesystem::rename(files.ramdisk, folder / ramdisk_name, problem);
    }
    if (problem) {
        return tool::failure(folder, problem.message());
    }
    return tool::write_file(folder / root_name, files.root);
}

Result<BootFiles> adopt_boot_files(const std::filesystem::path& left, const std::filesystem::path& folder) {
    BootFiles files{.kernel = TRY(move_file(left, kernel_name, folder)),
                    .ramdisk = TRY(move_file(left, ramdisk_name, folder))};
    const auto root = TRY(move_file(left, root_name, folder));
    std::error_code problem;
    if (std::filesystem::file_size(root, problem) <= longest_root) {
        files.root = TRY(tool::read_file(root));
    }
    if (!is_device_name(files.root)) {
        return tool::failure(left / root_name, "does not name a device",
                             "Correct the line for / in /etc/fstab on the disk.");
    }
    return files;
}

Result<BootFiles> take_boot_files(const std::string& vm, const VmDisk& disk, const std::filesystem::path& folder) {
    const auto left = folder / "left";
    TRY(tool::make_folder(left));
    const Household household{.vm = vm, .folder = left, .sandboxed = runs_systemd()};
    if (!household.sandboxed) {
        TRY(write_boot_files(disk.image, disk.format, left));
        return adopt_boot_files(left, folder);
    }
    if (!TRY(give_to_backends(left, "devices", "Only root makes VMs with disks."))) {
        return no_backend_user(vm);
    }
    const auto service = fmt::format("trivisor-boot-{}.service", vm);
    const auto status = TRY(tool::run_process({.arguments = sandboxed(plan(disk, left), household, service)}));
    if (!status.good()) {
        return tool::failure(disk.image, fmt::format("nothing can be booted from it: exit code {}", status.code),
                             fmt::format("What was wrong comes before this message, or in journalctl -u {}.", service));
    }
    return adopt_boot_files(left, folder);
}

} // namespace trv::host::devices
