// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/peers/peer_setup.hpp"

#include "tool/dev/bench/peers/peer_machine.hpp"
#include "tool/dev/bench/peers/xen_build.hpp"
#include "tool/setup/hypervisor_build.hpp"
#include "tool/setup/setup.hpp"
#include "tool/setup/setup_lock.hpp"
#include "tool/setup/setup_step.hpp"

#include <algorithm>
#include <iterator>

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

Result<void> set_up_peers(Context& context, const platform::Platform& platform, const std::vector<Peer>& peers,
                          const std::vector<unsigned>& users) {
    std::vector<firmware::Optee> optees;
    for (const Peer peer : peers) {
        const auto optee = [&](unsigned number) { return optee_of(platform, peer, number); };
        std::ranges::transform(peer == Peer::Trivisor ? users : std::vector{1U}, std::back_inserter(optees), optee);
    }
    TRY(setup::run_setup(context, {.kernels = std::vector<std::string>{guest_kernel},
                                   .config = std::string{platform.config},
                                   .platform = &platform,
                                   .optees = std::move(optees)}));
    if (!platform.config.empty()) {
        TRY(setup::build_hypervisor(context.paths, "")); // its bare-metal guests, the same beside every image
    }
    const auto lock = TRY(setup::SetupLock::take(context));
    packages::PackageStore store(context.paths);
    const Stamps stamps(context.paths.stamps());
    if (std::ranges::find(peers, Peer::Xen) != peers.end()) {
        TRY(fetch_xen(store, context.progress));
        TRY(setup::run_step(
            stamps, context.progress,
            {.name = "xen", .inputs = xen_inputs(store), .outputs = {xen_image(context.paths)}, .work = [&] {
                 return build_xen(context.paths, store);
             }}));
    }
    return {};
}

} // namespace trv::tool::dev::bench
