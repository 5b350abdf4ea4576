// SPDX-License-Identifier: Apache-2.0
#include "tool/setup/setup_step.hpp"

#include <fmt/format.h>

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

SetupStep firmware_step(const Paths& paths, const packages::PackageStore& store, const platform::Platform& platform,
                        firmware::OpteeVariant variant) {
    std::vector<std::filesystem::path> outputs;
    for (const std::string_view file : platform.firmware.files) {
        outputs.push_back(platform::firmware_folder(paths, platform, variant) / file);
    }
    return {
        .name = fmt::format("firmware {} {}", platform.name, name(variant)),
        .inputs = platform::firmware_inputs(store, platform, variant),
        .outputs = std::move(outputs),
        .work = [=, &paths, &store, &platform] { return platform::build_firmware(paths, store, platform, variant); }};
}

} // namespace trv::tool::setup
