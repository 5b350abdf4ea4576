// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/machine_disks.hpp"

#include "tool/disk/bring_package.hpp"
#include "tool/disk/debian_image.hpp"
#include "tool/disk/partitions.hpp"
#include "tool/machine/readers/disk_reader.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

namespace trv::tool::disk {
namespace {

/// @param file  created if there is none
Result<FileDescriptor> lock(const std::filesystem::path& file, const machine::DiskDescription& disk, int flags) {
    FileDescriptor descriptor{::open(file.c_str(), flags | O_CLOEXEC, 0666)};
    if (!descriptor) {
        return system_failure(file.string(), "cannot be opened");
    }
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
        return failure(disk.place.place, disk.image + " is the disk of a machine that is running",
                       "End that run first, or describe a machine with another disk.");
    }
    return descriptor;
}

Result<void> unpack(Context& context, const std::filesystem::path& disk) {
    TRY(require_debian_image(context));
    Progress::Step step(context.progress, "disk: " + context.paths.shown(disk));
    const TemporaryFolder scratch = TRY(TemporaryFolder::create(disk.parent_path(), "disk"));
    const auto archive = debian_image(context.paths);
    TRY(run_checked("disk", {.arguments = {"tar", "-I", "zstd", "-xf", archive, "-C", scratch.path(), "disk.img"},
                             .log = context.paths.logs() / "disk.log"}));
    std::error_code problem;
    std::filesystem::rename(scratch.path() / "disk.img", disk, problem);
    if (problem) {
        return failure(disk.string(), "cannot be written: " + problem.message());
    }
    step.done();
    return {};
}

} // namespace

std::filesystem::path kept_disk(const Paths& paths, const std::string& image) {
    std::string name = image;
    std::ranges::replace(name, ':', '-');
    return paths.build() / "disks" / (name + ".img");
}

Result<MachineDisks> open_disks(Context& context, const machine::MachineDescription& machine,
                                const DiskOptions& options) {
    MachineDisks opened;
    for (const auto& disk : machine.disks) {
        if (!machine::is_made_image(disk.image)) {
            opened.locks.push_back(TRY(lock(disk.image, disk, O_RDONLY)));
            opened.disks.push_back({.file = disk.image, .bus = disk.bus, .raw = !TRY(is_qcow2(disk.image))});
            continue;
        }
        const auto file = kept_disk(context.paths, disk.image);
        TRY(make_folder(file.parent_path()));
        auto lock_file = file;
        lock_file.replace_extension(".lock"); // the disk itself may be replaced
        opened.locks.push_back(TRY(lock(lock_file, disk, O_RDWR | O_CREAT)));
        if (options.fresh || !std::filesystem::exists(file)) {
            TRY(unpack(context, file));
        }
        for (const auto& package : options.packages) {
            TRY(bring_package(context, file, package));
        }
        opened.disks.push_back({.file = file, .bus = disk.bus});
    }
    return opened;
}

} // namespace trv::tool::disk
