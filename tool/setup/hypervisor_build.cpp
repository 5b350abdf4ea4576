// SPDX-License-Identifier: Apache-2.0
#include "tool/setup/hypervisor_build.hpp"

#include "tool/options/image_config.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/process/process.hpp"

#include <array>

namespace trv::tool::setup {
namespace {

constexpr const char* place = "setup: hypervisor";

constexpr std::array libfdt_headers = {"fdt.h", "libfdt.h", "libfdt_env.h"};

/// The build reconfigures if the file is newer, so the file is not written if it would not change.
Result<void> copy_config(const std::filesystem::path& from, const std::filesystem::path& to) {
    const std::string content = TRY(read_file(from));
    const auto there = read_file(to);
    return there && *there == content ? Result<void>{} : write_file(to, content);
}

} // namespace

packages::PackageId libfdt_package() {
    return {.suite = "trixie", .name = "libfdt-dev"};
}

std::filesystem::path libfdt_folder(const Paths& paths) {
    return paths.cache() / "libfdt";
}

Result<void> prepare_libfdt(const Paths& paths, const packages::PackageStore& store) {
    const std::filesystem::path package = store.tree(libfdt_package()) / "usr";
    return make_whole(libfdt_folder(paths), [&](const std::filesystem::path& beside) -> Result<void> {
        for (const char* header : libfdt_headers) {
            TRY(write_file(beside / "include" / header, TRY(read_file(package / "include" / header))));
        }
        return write_file(beside / "lib" / "libfdt.a",
                          TRY(read_file(package / "lib" / "aarch64-linux-gnu" / "libfdt.a")));
    });
}

Result<HypervisorImage> hypervisor_image(const Paths& paths, const std::string& config) {
    if (config.empty()) {
        return HypervisorImage{paths.hypervisor_build()};
    }
    const auto file = TRY(options::find_config(paths, config));
    const bool ours = file.parent_path() == paths.root() / "configs";
    // Files with the same name may be in several folders.
    const std::string name = file.filename().string() + (ours ? "" : "-" + sha256(file.string()).substr(0, 8));
    return HypervisorImage{paths.build() / "images" / name};
}

Result<void> build_hypervisor(const Paths& paths, const std::string& config) {
    const auto image = TRY(hypervisor_image(paths, config));
    const std::filesystem::path log = paths.logs() / "hypervisor.log";
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    TRY(copy_config(TRY(options::find_config(paths, config)), image.folder / ".config"));
    if (!std::filesystem::exists(image.folder / "build.ninja")) {
        TRY(run_checked(place, {.arguments = {"cmake", "--preset", "hypervisor", "-B", image.folder,
                                              "-DTRIVISOR_LIBFDT=" + libfdt_folder(paths).string()},
                                .folder = paths.root(),
                                .log = log}));
    }
    return run_checked(place,
                       {.arguments = {"ninja", "-C", image.folder, config.empty() ? "all" : "trivisor"}, .log = log});
}

} // namespace trv::tool::setup
