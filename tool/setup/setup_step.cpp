// SPDX-License-Identifier: Apache-2.0
#include "tool/setup/setup_step.hpp"

#include "tool/firmware/firmware_build.hpp"

namespace trv::tool::setup {

Result<void> run_step(const Stamps& stamps, Progress& progress, const SetupStep& step) {
    if (stamps.fresh(step.name, step.inputs, step.outputs)) {
        return {};
    }
    Progress::Step shown(progress, "setup: " + step.name);
    TRY(step.work());
    TRY(stamps.record(step.name, step.inputs));
    shown.done();
    return {};
}

Result<void> require_any(packages::PackageStore& store, const std::vector<packages::PackageId>& ids, Progress& progress,
                         Progress::Step& shown) {
    Result<void> fetched;
    for (const packages::PackageId& id : ids) {
        fetched = store.require({id}, shown);
        if (fetched) {
            break;
        }
        progress.say("setup: " + id.text() + " cannot be fetched: " + to_string(fetched.error()));
    }
    return fetched;
}

SetupStep firmware_step(const Paths& paths, const packages::PackageStore& store, firmware::OpteeVariant variant) {
    return {.name = "firmware " + std::string(name(variant)),
            .inputs = firmware::inputs(store, variant),
            .outputs = {firmware::flash_path(paths, variant)},
            .work = [=, &paths, &store] { return firmware::build(paths, store, variant); }};
}

} // namespace trv::tool::setup
