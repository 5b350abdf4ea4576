// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/kernel/kernel_modules.hpp"

#include "tool/guest/cpio_writer.hpp"
#include "tool/guest/decompress.hpp"
#include "tool/guest/kernel/module_info.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

namespace trv::tool::guest {
namespace {

constexpr const char* place = "setup: kernel modules";

/// Without these no guest has a TEE, as Debian's 32-bit kernels have none; the others are devices and file systems that some kernels have built in or lack.
constexpr std::array required_modules = {"tee", "optee"};
constexpr std::array optional_modules = {
    "virtio_mmio", "virtio_pci", "virtio_blk",
    "virtio_net",  "virtio_rng", "virtio_console",
    "virtiofs",    "vsock",      "vmw_vsock_virtio_transport",
    "overlay",     "ext4",       "crc32c_generic", // which ext4 asks for by an alias
    "squashfs"};

using ModuleFiles = std::map<std::string, std::filesystem::path>;

Result<ModuleFiles> find_modules(const std::filesystem::path& folder) {
    ModuleFiles files;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator item(folder / "kernel", error), end; !error && item != end;
         item.increment(error)) {
        if (item->is_regular_file(error)) {
            files.emplace(module_name(item->path().filename().string()), item->path());
        }
    }
    if (error) {
        return failure(place, folder.string() + " cannot be read: " + error.message());
    }
    return files;
}

Result<std::string> read_module(const std::filesystem::path& file) {
    std::string content = TRY(read_file(file));
    return file.extension() == ".ko" ? std::move(content) : decompress(content, file.string(), damaged_package_hint);
}

/// Copies the required modules and their dependencies into `tree`, at their places.
Result<void> copy_modules(const ModuleFiles& files, const std::string& built_in, const std::filesystem::path& modules,
                          const std::filesystem::path& tree, Tee tee) {
    std::vector<std::string> pending(required_modules.begin(), required_modules.end());
    pending.insert(pending.end(), optional_modules.begin(), optional_modules.end());
    std::set<std::string> done;
    while (!pending.empty()) {
        const std::string name = std::move(pending.back());
        pending.pop_back();
        if (!done.insert(name).second) {
            continue;
        }
        const auto file = files.find(name);
        if (file == files.end()) {
            if (tee == Tee::Required && std::ranges::find(required_modules, name) != required_modules.end() &&
                !is_built_in(built_in, name)) {
                return failure(place, "the kernel has no module " + name, "Choose a kernel that supports OP-TEE.");
            }
            continue;
        }
        const std::string content = TRY(read_module(file->second));
        std::filesystem::path relative = file->second.lexically_relative(modules);
        while (relative.extension() != ".ko") {
            relative.replace_extension();
        }
        TRY(write_file(tree / relative, content));
        for (std::string& needed : module_dependencies(content)) {
            pending.push_back(std::move(needed));
        }
    }
    return {};
}

} // namespace

std::string module_selection() {
    std::string text;
    for (const char* name : required_modules) {
        text += std::string(name) + "\n";
    }
    for (const char* name : optional_modules) {
        text += std::string(name) + "\n";
    }
    return text;
}

Result<void> write_modules(const std::filesystem::path& modules, const std::filesystem::path& scratch,
                           const std::filesystem::path& out, Tee tee) {
    const std::string release = modules.filename().string();
    const std::filesystem::path tree = scratch / "lib" / "modules" / release;
    TRY(copy_modules(TRY(find_modules(modules)), TRY(read_file(modules / "modules.builtin")), modules, tree, tee));
    for (const char* list : {"modules.builtin", "modules.builtin.modinfo", "modules.order"}) {
        TRY(write_file(tree / list, TRY(read_file(modules / list))));
    }
    TRY(run_checked(place, {.arguments = {"/sbin/depmod", "-b", scratch, release}})); // often not in a user's PATH
    return make_whole(out, [&](const std::filesystem::path& beside) -> Result<void> {
        CpioWriter writer = TRY(CpioWriter::create(beside));
        TRY(writer.add_tree(scratch));
        return writer.finish();
    });
}

} // namespace trv::tool::guest
