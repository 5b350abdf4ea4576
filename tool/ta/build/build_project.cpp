// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/build_project.hpp"

#include "tool/packages/package_store.hpp"
#include "tool/setup/setup_lock.hpp"
#include "tool/support/files.hpp"

#include <algorithm>

namespace trv::tool::ta {
namespace {

/// Projects of the same name in different folders take turns with the output folder.
Result<void> claim_output(const Paths& paths, const Project& project) {
    const auto output = project.output(paths);
    const auto claim = output / "project";
    if (read_file(claim).value_or("") == project.folder.string()) {
        return {};
    }
    std::error_code ignored;
    std::filesystem::remove_all(output, ignored);
    return write_file(claim, project.folder.string());
}

/// Those that the client is built with. One that Debian does not have is a mistake in ta.toml.
Result<void> fetch_packages(Context& context, const Project& project) {
    packages::PackageStore store(context.paths);
    const auto& wanted = project.client.packages;
    if (std::ranges::all_of(wanted, [&](const auto& id) { return store.has(id); })) {
        return {};
    }
    const auto lock = TRY(setup::SetupLock::take(context));
    Progress::Step step(context.progress, "packages of " + project.name);
    if (const auto fetched = store.require(wanted, step); !fetched) {
        const auto& at = project.client.packages_place;
        return usage_error(at.place, at.key, fetched.error().what,
                           "Name packages of Debian bookworm for arm64; the first time, a network is needed.");
    }
    step.done();
    return {};
}

} // namespace

Result<BuiltProject> build_project(Context& context, const std::filesystem::path& folder, BuildKind kind,
                                   const std::filesystem::path& optee_kit) {
    Project project = TRY(read_project(context.paths, folder));
    project.kind = kind;
    TRY(fetch_packages(context, project));
    const packages::PackageStore store(context.paths);
    devkit::Kit kit = TRY(devkit::find_kit(store));
    if (!optee_kit.empty()) {
        kit.folder = optee_kit;
    }
    TRY(claim_output(context.paths, project));
    Progress::Step step(context.progress, "build " + project.name);
    TaFiles ta = TRY(build_ta(context.paths, kit, project));
    ClientFiles client = TRY(build_client(context.paths, kit, project, store));
    step.done();
    return BuiltProject{.project = std::move(project), .ta = std::move(ta), .client = std::move(client)};
}

} // namespace trv::tool::ta
