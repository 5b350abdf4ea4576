// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/boot_files.hpp"

#include "tool/disk/partitions.hpp"
#include "tool/guest/kernel/kernel_image.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace trv::tool::disk {
namespace {

constexpr const char* install_hint = "Install a kernel in the system on the disk: apt-get install linux-image-arm64.";

/// What a system that lost its power had written to the journal only becomes part of the files in a copy of the file
/// system: e2fsprogs cannot do it within an image. The kernel does it on the disk itself when it boots.
Result<void> copy_recovered(const std::filesystem::path& image, std::uint64_t offset,
                            const std::filesystem::path& copy) {
    TRY(run_checked(image.string(),
                    {.arguments = {"dd", "status=none", "bs=1M", "conv=sparse", "iflag=skip_bytes",
                                   fmt::format("skip={}", offset), "if=" + image.string(), "of=" + copy.string()}}));
    const auto status =
        TRY(run_process({.arguments = {"/sbin/e2fsck", "-p", "-E", "journal_only", copy}, .log = "/dev/null"}));
    constexpr int uncorrected = 4; // and all higher codes [e2fsck(8)]
    return status.code < uncorrected ? Result<void>{}
                                     : failure(image.string(), "its file system is damaged",
                                               "Repair it with e2fsck, or make a new disk with --fresh.");
}

/// An ext4 file system, read by e2fsprogs.
class FileSystem {
  public:
    /// @param device  a file, or "FILE?offset=N"
    /// @param name    for messages
    FileSystem(std::string device, std::string name) : image_{std::move(name)}, device_{std::move(device)} {}

    [[nodiscard]] Result<std::string> ask(const std::string& request) const {
        return capture(image_, {.arguments = {"/sbin/debugfs", "-R", request, device_}});
    }

    /// Copies a file, or what a link at its place leads to.
    [[nodiscard]] Result<void> copy(std::string file, const std::filesystem::path& to) const {
        if (const auto target = link_target(TRY(ask("stat " + file)))) {
            file = target->starts_with('/') ? *target : "/" + *target;
        }
        TRY(ask(fmt::format("dump \"{}\" \"{}\"", file, to.string())));
        std::error_code problem;
        if (std::filesystem::file_size(to, problem) == 0 || problem) {
            return failure(image_, "has no " + file, install_hint);
        }
        return {};
    }

  private:
    std::string image_;
    std::string device_;
};

} // namespace

std::optional<std::string> root_in_fstab(std::string_view text) {
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string device;
        std::string place;
        if (words >> device >> place && !device.starts_with('#') && place == "/") {
            return device;
        }
    }
    return std::nullopt;
}

std::optional<std::string> link_target(std::string_view stat) {
    constexpr std::string_view before = "link dest: \"";
    const auto at = stat.find(before);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto begin = at + before.size();
    return std::string{stat.substr(begin, stat.find('"', begin) - begin)};
}

Result<BootFiles> take_boot_files(const std::filesystem::path& image, const std::filesystem::path& folder) {
    const std::uint64_t offset = TRY(find_root_offset(image));
    const TemporaryFolder scratch = TRY(TemporaryFolder::create(folder, "root"));
    std::string device = fmt::format("{}?offset={}", image.string(), offset);
    if (TRY(needs_recovery(image, offset))) {
        device = scratch.path() / "recovered.ext4";
        TRY(copy_recovered(image, offset, device));
    }
    const FileSystem files{std::move(device), image.string()};
    const auto root = root_in_fstab(TRY(files.ask("cat /etc/fstab")));
    if (!root) {
        return failure(image.string(), "its /etc/fstab does not name the root file system",
                       "Add a line for / in the system on the disk.");
    }
    BootFiles taken{.kernel = folder / "disk.Image", .ramdisk = folder / "disk.initramfs", .root = *root};
    const auto packed = folder / "disk.vmlinuz";
    TRY(files.copy("/vmlinuz", packed));
    TRY(files.copy("/initrd.img", taken.ramdisk));
    TRY(write_file(taken.kernel, TRY(guest::raw_image(TRY(read_file(packed)), image.string() + ": /vmlinuz",
                                                      "Install another kernel in the system on the disk."))));
    std::error_code ignored;
    std::filesystem::remove(packed, ignored);
    return taken;
}

} // namespace trv::tool::disk
