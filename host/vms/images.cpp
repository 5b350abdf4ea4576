// SPDX-License-Identifier: Apache-2.0
#include "host/vms/images.hpp"

#include "tool/guest/cpio_writer.hpp"
#include "tool/guest/firmware.hpp"
#include "tool/guest/kernel/kernel_image.hpp"
#include "tool/guest/kernel/kernel_modules.hpp"
#include "tool/machine/readers/table_reader.hpp"
#include "tool/machine/readers/vm_reader.hpp"
#include "tool/support/files.hpp"

#include <unistd.h>

#include <array>

namespace trv::host::vms {

namespace {

using tool::Result;
using tool::machine::VmDescription;

constexpr std::string_view kernel_prefix = "vmlinuz-";
/// On a disk: a file system that was not unmounted is copied there, which /tmp has no room for if it is in memory.
constexpr const char* scratch_folder = "/var/tmp";

/// Reports an error in a file that the description names as an error of the description.
template <typename Value>
Result<Value> blame(Result<Value> result, const tool::machine::KeyPlace& at) {
    if (result) {
        return result;
    }
    const tool::Error& error = result.error();
    return tool::machine::wrong_at(at, error.place.empty() ? error.what : error.place + ": " + error.what, error.hint);
}

/// The archive of a kernel's modules. It is kept where the user may write, because making it takes some seconds.
Result<std::string> modules_archive(const std::string& release, const HostFiles& files) {
    const auto kept = files.cache() / (release + ".cpio");
    std::error_code problem;
    if (std::filesystem::exists(kept, problem)) {
        return tool::read_file(kept);
    }
    const bool writable = ::access(files.cache().c_str(), W_OK) == 0;
    const auto scratch = TRY(
        tool::TemporaryFolder::create(writable ? files.cache() : std::filesystem::temp_directory_path(), "modules"));
    const auto archive = writable ? kept : scratch.path() / "modules.cpio";
    TRY(tool::guest::write_modules(files.modules(release), scratch.path() / "tree", archive,
                                   tool::guest::Tee::Required));
    return tool::read_file(archive);
}

Result<std::string> read_ramdisk(const VmDescription& vm, const std::filesystem::path& kernel, const HostFiles& files) {
    std::string ramdisk = TRY(tool::read_file(vm.rootfs));
    const std::string name = kernel.filename().string();
    if (vm.kernel == tool::machine::host_kernel && name.starts_with(kernel_prefix)) {
        const std::string release = name.substr(kernel_prefix.size());
        tool::guest::append_aligned(ramdisk, TRY(modules_archive(release, files)));
    }
    return ramdisk;
}

/// What a boot loader would take from the VM's first disk.
Result<Images> read_from_disk(const VmDescription& vm, const TakeBootFiles& take) {
    const auto scratch = TRY(tool::TemporaryFolder::create(scratch_folder, "boot"));
    const auto files = TRY(blame(take(vm.name, vm.disks.front(), scratch.path()), vm.kernel_place));
    return Images{.kernel = TRY(tool::read_file(files.kernel)),
                  .ramdisk = TRY(tool::read_file(files.ramdisk)),
                  .root = files.root};
}

Result<void> put_behind_firmware(const VmDescription& vm, Images& images) {
    auto made = TRY(blame(tool::guest::firmware_image(TRY(blame(tool::read_file(vm.firmware), vm.firmware_place)),
                                                      vm.firmware, images.kernel),
                          vm.firmware_place));
    images.kernel = std::move(made.bytes);
    images.firmware_size = made.firmware_size;
    return {};
}

Result<Images> read_files(const VmDescription& vm, const HostFiles& files) {
    if (vm.has_firmware() && vm.kernel.empty()) {
        return Images{};
    }
    const bool own = vm.kernel == tool::machine::host_kernel;
    const auto kernel = TRY(blame(own ? files.kernel() : Result<std::filesystem::path>{vm.kernel}, vm.kernel_place));
    Images images;
    images.kernel = TRY(blame(tool::guest::raw_image(TRY(blame(tool::read_file(kernel), vm.kernel_place)),
                                                     kernel.string(), "The file is damaged: install or copy it again."),
                              vm.kernel_place));
    if (!vm.rootfs.empty()) {
        images.ramdisk = TRY(blame(read_ramdisk(vm, kernel, files), vm.rootfs_place));
    }
    return images;
}

} // namespace

Result<std::filesystem::path> HostFiles::kernel() const {
    for (const char* link : {"boot/vmlinuz", "vmlinuz"}) {
        std::error_code problem;
        auto target = std::filesystem::canonical(root / link, problem);
        if (!problem) {
            return target;
        }
    }
    return tool::failure("kernel", "the host has no link /boot/vmlinuz or /vmlinuz to its own kernel",
                         "Name the VM's kernel: kernel = \"PATH\".");
}

Result<Images> read_images(const VmDescription& vm, const HostFiles& files) {
    Images images = TRY(vm.boots_from_disk() ? read_from_disk(vm, files.take_boot_files) : read_files(vm, files));
    if (vm.has_firmware()) {
        TRY(put_behind_firmware(vm, images));
        images.need = {.kernel = images.kernel.size(), .ramdisk = images.ramdisk ? 2 * images.ramdisk->size() : 0};
        TRY(tool::guest::check_memory(vm, images.need));
        return images;
    }
    const auto size = images.ramdisk ? std::optional<std::uint64_t>{images.ramdisk->size()} : std::nullopt;
    images.need =
        TRY(blame(tool::guest::memory_need(images.kernel, images.kernel.size(), "the kernel", size), vm.kernel_place));
    TRY(tool::guest::check_memory(vm, images.need));
    return images;
}

} // namespace trv::host::vms
