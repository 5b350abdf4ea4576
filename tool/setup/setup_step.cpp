// SPDX-License-Identifier: Apache-2.0
#include "tool/setup/setup_step.hpp"

#include "tool/devkit/kit.hpp"
#include "tool/firmware/optee_source.hpp"

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

Result<SetupStep> optee_step(const Paths& paths, const packages::PackageStore& store,
                             const firmware::OpteeBuild& build) {
    const std::filesystem::path key = TRY(devkit::find_kit(store)).key();
    std::vector<std::filesystem::path> outputs;
    for (const std::string_view file : firmware::optee_files) {
        outputs.push_back(firmware::optee_folder(paths, build) / file);
    }
    if (build.ftrace) {
        outputs.push_back(firmware::tracing_kit(paths, build));
    }
    return SetupStep{.name = "OP-TEE " + build.name(),
                     .inputs = TRY(firmware::optee_inputs(store, build, key)),
                     .outputs = std::move(outputs),
                     .work = [=, &paths, &store] { return firmware::build_optee(paths, store, build, key); }};
}

Result<SetupStep> firmware_step(const Paths& paths, const packages::PackageStore& store,
                                const platform::Platform& platform, const firmware::Optee& optee) {
    std::string inputs = TRY(platform::firmware_inputs(paths, store, platform, optee));
    if (const firmware::OpteeBuild* build = firmware::source_build(optee)) {
        inputs += TRY(optee_step(paths, store, *build)).inputs;
    }
    std::vector<std::filesystem::path> outputs;
    for (const std::string_view file : platform.firmware.files) {
        outputs.push_back(platform::firmware_folder(paths, platform, optee) / file);
    }
    return SetupStep{
        .name = fmt::format("firmware {} {}", platform.name, firmware::name(optee)),
        .inputs = std::move(inputs),
        .outputs = std::move(outputs),
        .work = [=, &paths, &store, &platform] { return platform::build_firmware(paths, store, platform, optee); }};
}

} // namespace trv::tool::setup
