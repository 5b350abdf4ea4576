#include "tool/ta/build_project.hpp"

#include "tool/packages/package_store.hpp"
#include "tool/support/files.hpp"

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

} // namespace

Result<BuiltProject> build_project(const Paths& paths, Progress& progress, const std::filesystem::path& folder) {
    Project project = TRY(read_project(paths, folder));
    const Kit kit = TRY(find_kit(packages::PackageStore(paths)));
    TRY(claim_output(paths, project));
    Progress::Step step(progress, "build " + project.name);
    TaFiles ta = TRY(build_ta(paths, kit, project));
    ClientFiles client = TRY(build_client(paths, kit, project));
    step.done();
    return BuiltProject{.project = std::move(project), .ta = std::move(ta), .client = std::move(client)};
}

} // namespace trv::tool::ta
