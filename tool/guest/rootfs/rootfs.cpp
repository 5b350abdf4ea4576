// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/rootfs/rootfs.hpp"

#include "tool/guest/cpio_writer.hpp"
#include "tool/guest/rootfs/agent.hpp"
#include "tool/guest/rootfs/rootfs_files.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace trv::tool::guest {

namespace {

/// The project's own files: init, and a few in /etc.
std::filesystem::path own_tree(const Paths& paths) {
    return paths.root() / "guests" / "linux" / "root";
}

/// Mount points, and folders that programs expect.
constexpr std::array empty_folders = {
    "proc", "sys", "dev", "tmp", "run", "root", "mnt", "var/lib/optee-client/data/tee", "usr/bin", "usr/sbin", "sbin"};

Result<void> add_package_file(CpioWriter& writer, const std::filesystem::path& tree, const RootfsFile& file) {
    const std::filesystem::path source = tree / file.source;
    if (!file.source.ends_with('/')) {
        return writer.add_file(std::string(file.destination), TRY(read_file(source)), file.permissions);
    }
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(source)) {
        found.push_back(entry.path());
    }
    std::ranges::sort(found);
    for (const std::filesystem::path& one : found) {
        const std::string name = std::string(file.destination) + one.filename().string();
        TRY(writer.add_file(name, TRY(read_file(one)), file.permissions));
    }
    return {};
}

Result<void> write_rootfs(const Paths& paths, const packages::PackageStore& store, Width width,
                          const std::filesystem::path& agent, const std::filesystem::path& out) {
    CpioWriter writer = TRY(CpioWriter::create(out));
    for (const char* folder : empty_folders) {
        TRY(writer.add_folder(folder));
    }
    // The kernel opens it for PID 1 before /dev can be mounted.
    TRY(writer.add_character_device("dev/console", 5, 1));
    TRY(writer.add_link("bin/sh", "busybox"));
    for (const RootfsFile& file : rootfs_files(width)) {
        const auto tree = store.tree({.suite = "trixie", .name = std::string(file.package)});
        TRY(add_package_file(writer, tree, file));
    }
    TRY(writer.add_file("sbin/trivisor-agent", TRY(read_file(agent)), 0755));
    TRY(writer.add_tree(own_tree(paths)));
    return writer.finish();
}

} // namespace

std::filesystem::path demo_rootfs(const Paths& paths, Width width) {
    return paths.guest() / (width == Width::Bits32 ? "demo-armhf.cpio" : "demo.cpio");
}

Result<std::string> rootfs_inputs(const Paths& paths, const packages::PackageStore& store, Width width) {
    Sha256 hash;
    for (const packages::PackageId& id : rootfs_packages(width)) {
        hash.add_field(store.version(id));
    }
    for (const RootfsFile& file : rootfs_files(width)) {
        hash.add_field(file.source);
        hash.add_field(file.destination);
        hash.add_field(std::to_string(file.permissions));
    }
    for (const char* folder : empty_folders) {
        hash.add_field(folder);
    }
    hash.add_field(TRY(agent_inputs(paths)));
    TRY(hash.add_path(own_tree(paths)));
    return hash.finish();
}

Result<void> build_rootfs(const Paths& paths, const packages::PackageStore& store, Width width) {
    const TemporaryFolder scratch = TRY(TemporaryFolder::create(paths.cache(), "rootfs"));
    const std::filesystem::path agent = scratch.path() / "trivisor-agent";
    TRY(build_agent(paths, agent, width));
    return make_whole(demo_rootfs(paths, width), [&](const std::filesystem::path& beside) {
        return write_rootfs(paths, store, width, agent, beside);
    });
}

} // namespace trv::tool::guest
