// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/kernel.hpp"

#include "tool/guest/decompress.hpp"
#include "tool/guest/kernel/kernel_image.hpp"
#include "tool/guest/kernel/kernel_modules.hpp"
#include "tool/machine/values/kernel_name.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/process/process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>
#include <vector>

namespace trv::tool::guest {
namespace {

constexpr const char* place = "setup: kernel";

/// Unpacks the kernel and its modules, but not the device trees of hundreds of other machines.
Result<void> unpack_kernel(const std::filesystem::path& package, const std::filesystem::path& folder,
                           const std::filesystem::path& log) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return system_failure(place, "cannot create a pipe");
    }
    FileDescriptor from(ends[0]);
    FileDescriptor to(ends[1]);
    Process reader =
        TRY(Process::start({.arguments = {"dpkg-deb", "--fsys-tarfile", package}, .log = log, .output = to.get()}));
    to.reset(); // tar sees the end only when no other process holds this end open
    Process writer = TRY(Process::start(
        {.arguments = {"tar", "-x", "--no-same-owner", "-C", folder, "--exclude=*.dtb", "--exclude=./usr/share"},
         .log = log,
         .input = from.get()}));
    from.reset();
    if (!writer.wait().good() || !reader.wait().good()) {
        return failure(place, package.filename().string() + " cannot be unpacked",
                       "Remove it and run ./trivisor setup again. Log: " + log.string() + ".");
    }
    return {};
}

/// The folder of the modules, whose name is the kernel's release. Since trixie packages use /usr/lib, before /lib.
Result<std::filesystem::path> find_modules(const std::filesystem::path& unpacked) {
    for (const char* name : {"usr/lib/modules", "lib/modules"}) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(unpacked / name, error)) {
            return entry.path();
        }
    }
    return failure(place, "the package contains no modules");
}

/// Until forky the kernel is in /boot, since then beside its modules.
std::filesystem::path find_kernel(const std::filesystem::path& unpacked, const std::filesystem::path& modules) {
    const auto in_boot = unpacked / "boot" / ("vmlinuz-" + modules.filename().string());
    return std::filesystem::exists(in_boot) ? in_boot : modules / "vmlinuz";
}

} // namespace

KernelFiles kernel_files(const Paths& paths, const packages::PackageId& package) {
    const std::filesystem::path folder = paths.guest() / "kernels" / package.suite / package.name;
    return {.image = folder / "Image", .modules = folder / "modules.cpio"};
}

std::string kernel_inputs(const packages::PackageStore& store, const packages::PackageId& package) {
    return store.version(package) + "\n" + module_selection();
}

Result<void> prepare_kernel(const Paths& paths, const packages::PackageStore& store,
                            const packages::PackageId& package) {
    const std::vector<std::filesystem::path> archives = store.files(package);
    if (archives.empty()) {
        return failure(place, package.text() + " is missing", "Run ./trivisor setup with network access.");
    }
    const TemporaryFolder folder = TRY(TemporaryFolder::create(paths.cache(), "kernel"));
    const std::filesystem::path unpacked = folder.path() / "package";
    TRY(make_folder(unpacked));
    const std::filesystem::path log = paths.logs() / "kernel.log";
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    for (const std::filesystem::path& archive : archives) {
        TRY(unpack_kernel(archive, unpacked, log));
    }

    const KernelFiles files = kernel_files(paths, package);
    const std::filesystem::path modules = TRY(find_modules(unpacked));
    const std::filesystem::path kernel = find_kernel(unpacked, modules);
    std::string content = TRY(read_file(kernel));
    const std::string name = kernel.filename().string();
    const bool is_32_bit = package.is_armhf();
    if (is_32_bit) {
        TRY(check_zimage(content, name, damaged_package_hint));
        TRY(write_file(files.image, content));
    } else {
        TRY(write_file(files.image, TRY(raw_image(std::move(content), name, damaged_package_hint))));
    }
    return write_modules(modules, folder.path() / "selected", files.modules, is_32_bit ? Tee::None : Tee::Required);
}

Result<std::filesystem::path> kernel_image(const Paths& paths, const std::string& kernel) {
    if (const auto package = machine::kernel_package(kernel)) {
        const std::filesystem::path image = kernel_files(paths, *package).image;
        if (!std::filesystem::exists(image)) {
            return failure(kernel, "is not set up", "Run ./trivisor setup.");
        }
        return image;
    }
    TRY(machine::check_kernel_name(kernel));
    std::string content = TRY(read_file(kernel));
    constexpr std::string_view damaged = "The file is damaged: copy, download or build it again.";
    if (is_raw_image(content)) {
        TRY(check_whole(content, kernel, damaged));
        return std::filesystem::absolute(kernel);
    }
    if (is_zimage(content)) {
        TRY(check_zimage(content, kernel, damaged));
        return std::filesystem::absolute(kernel);
    }
    const std::filesystem::path image = paths.guest() / "kernels" / "own" / sha256(content) / "Image";
    if (!std::filesystem::exists(image)) {
        TRY(write_file(image, TRY(raw_image(std::move(content), kernel, damaged))));
    }
    return image;
}

} // namespace trv::tool::guest
