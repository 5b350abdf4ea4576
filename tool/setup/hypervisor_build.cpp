#include "tool/setup/hypervisor_build.hpp"

#include "tool/support/files.hpp"
#include "tool/support/process.hpp"

#include <array>

namespace trv::tool::setup {
namespace {

constexpr const char* place = "setup: hypervisor";

constexpr std::array libfdt_headers = {"fdt.h", "libfdt.h", "libfdt_env.h"};

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

Result<void> build_hypervisor(const Paths& paths) {
    const std::filesystem::path log = paths.logs() / "hypervisor.log";
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    if (!std::filesystem::exists(paths.hypervisor_build() / "build.ninja")) {
        TRY(run_checked(place, {.arguments = {"cmake", "--preset", "hypervisor",
                                              "-DTRIVISOR_LIBFDT=" + libfdt_folder(paths).string()},
                                .folder = paths.root(),
                                .log = log}));
    }
    return run_checked(place, {.arguments = {"ninja", "-C", paths.hypervisor_build()}, .log = log});
}

} // namespace trv::tool::setup
