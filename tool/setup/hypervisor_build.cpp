#include "tool/setup/hypervisor_build.hpp"

#include "tool/support/process.hpp"

namespace trv::tool::setup {

Result<void> build_hypervisor(const Paths& paths) {
    const std::filesystem::path log = paths.logs() / "hypervisor.log";
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    if (!std::filesystem::exists(paths.hypervisor_build() / "build.ninja")) {
        TRY(run_checked("setup: hypervisor",
                        {.arguments = {"cmake", "--preset", "hypervisor"}, .folder = paths.root(), .log = log}));
    }
    return run_checked("setup: hypervisor", {.arguments = {"ninja", "-C", paths.hypervisor_build()}, .log = log});
}

} // namespace trv::tool::setup
