// SPDX-License-Identifier: Apache-2.0
#include "tool/host/host_programs.hpp"

#include "tool/packages/package_store.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"
#include "tool/support/stamps.hpp"

#include <algorithm>
#include <vector>

namespace trv::tool::host {
namespace {

constexpr const char* place = "setup: host programs";

/// Static libraries of the same Debian as the cross compiler's C library.
std::vector<packages::PackageId> library_packages() {
    std::vector<packages::PackageId> ids;
    for (const char* name :
         {"libarchive-dev", "libbz2-dev", "libfdt-dev", "liblz4-dev", "liblzma-dev", "libzstd-dev", "zlib1g-dev"}) {
        ids.push_back({.suite = "bookworm", .name = name});
    }
    return ids;
}

/// All packages' files in one tree, as links.
Result<void> make_tree(const packages::PackageStore& store, const std::filesystem::path& folder) {
    for (const auto& id : library_packages()) {
        const auto tree = store.tree(id);
        for (const auto& entry : std::filesystem::recursive_directory_iterator(tree)) {
            const auto to = folder / entry.path().lexically_relative(tree);
            if (entry.is_directory()) {
                TRY(make_folder(to));
            } else if (!std::filesystem::exists(std::filesystem::symlink_status(to))) {
                std::filesystem::create_symlink(entry.path(), to);
            }
        }
    }
    return {};
}

Result<std::filesystem::path> require_libraries(Context& context) {
    packages::PackageStore store(context.paths);
    const auto ids = library_packages();
    if (!std::ranges::all_of(ids, [&](const auto& id) { return store.has(id); })) {
        Progress::Step step(context.progress, "setup: packages of the host's programs");
        TRY(store.require(ids, step));
        step.done();
    }
    const auto folder = context.paths.cache() / "host-libraries";
    std::string versions;
    for (const auto& id : ids) {
        versions += store.version(id) + "\n";
    }
    const Stamps stamps(context.paths.stamps());
    if (!stamps.fresh("host libraries", versions, {folder})) {
        TRY(make_whole(folder, [&](const std::filesystem::path& beside) { return make_tree(store, beside); }));
        TRY(stamps.record("host libraries", versions));
    }
    return folder;
}

} // namespace

Result<std::filesystem::path> build_host_programs(Context& context) {
    const Paths& paths = context.paths;
    const auto libraries = TRY(require_libraries(context));
    const auto build = paths.build() / "host";
    const auto log = paths.logs() / "host-programs.log";
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    const bool first = !std::filesystem::exists(build / "build.ninja");
    Progress::Step step(context.progress, place);
    if (first) {
        TRY(run_checked(place, {.arguments = {"cmake", "--preset", "host", "-B", build,
                                              "-DTRIVISOR_ARM64_LIBRARIES=" + libraries.string()},
                                .folder = paths.root(),
                                .log = log}));
    }
    TRY(run_checked(place, {.arguments = {"ninja", "-C", build}, .log = log}));
    step.done();
    return build / "host";
}

} // namespace trv::tool::host
