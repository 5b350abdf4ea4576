// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/peers/peer_setup.hpp"

#include "tool/dev/bench/peers/xen_build.hpp"
#include "tool/setup/setup.hpp"
#include "tool/setup/setup_lock.hpp"
#include "tool/setup/setup_step.hpp"

#include <algorithm>

namespace trv::tool::dev::bench {

namespace {

Result<void> fetch_xen(packages::PackageStore& store, Progress& progress) {
    if (!xen_version(store).empty()) {
        return {};
    }
    Progress::Step step(progress, "setup: Xen's source");
    TRY(setup::require_any(store, xen_packages(), progress, step));
    step.done();
    return {};
}

} // namespace

Result<void> set_up_peers(const Paths& paths, Progress& progress, const std::vector<Peer>& peers) {
    TRY(setup::run_setup(paths, progress, {.kernels = std::vector<std::string>{guest_kernel}}));
    const auto lock = TRY(setup::SetupLock::take(paths, progress));
    packages::PackageStore store(paths);
    const Stamps stamps(paths.stamps());
    if (std::ranges::find(peers, Peer::Bare) != peers.end()) {
        TRY(setup::run_step(stamps, progress,
                            setup::firmware_step(paths, store, platform::qemu_virt, firmware::OpteeVariant::Plain)));
    }
    if (std::ranges::find(peers, Peer::Xen) != peers.end()) {
        TRY(fetch_xen(store, progress));
        TRY(setup::run_step(stamps, progress,
                            {.name = "xen", .inputs = xen_inputs(store), .outputs = {xen_image(paths)}, .work = [&] {
                                 return build_xen(paths, store);
                             }}));
    }
    return {};
}

std::string built_xen(const Paths& paths) {
    return xen_version(packages::PackageStore(paths));
}

} // namespace trv::tool::dev::bench
