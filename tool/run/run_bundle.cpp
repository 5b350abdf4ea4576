// SPDX-License-Identifier: Apache-2.0
#include "tool/run/run_bundle.hpp"

#include "tool/disk/machine_disks.hpp"
#include "tool/machine/readers/machine_reader.hpp"
#include "tool/run/options_check.hpp"
#include "tool/run/preparation.hpp"
#include "tool/run/run_machine.hpp"
#include "tool/setup/hypervisor_build.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

namespace trv::tool::run {

Result<void> run_bundle(Context& context, const BundleOptions& options) {
    const auto machine = TRY(machine::read_machine(options.machine));
    const RunOptions run{.machine = options.machine, .config = TRY(config_for(context.paths, options.config, machine))};
    TRY(check_options(run, machine));
    std::error_code problem;
    std::filesystem::create_directories(options.output, problem);
    if (problem) {
        return usage_error("--output", options.output.string(), "cannot be made: " + problem.message(),
                           "Name a folder that can be written to.");
    }
    TRY(set_up(context, run, machine, {})); // the boards that run it have firmware
    const auto disks = TRY(disk::open_disks(context, machine, {}));
    const run_folder::RunFolder folder = TRY(run_folder::RunFolder::create(context.paths, options.machine));
    const auto bundle = options.output / "bundle.cpio";
    TRY(write_bundle(context.paths, folder, run, machine, disks.disks, bundle));
    const auto image = options.output / "trivisor.bin";
    TRY(write_file(image, TRY(read_file(TRY(setup::hypervisor_image(context.paths, run.config)).binary()))));
    fmt::print("kernel:  {}\ninitrd:  {}\n", image.string(), bundle.string());
    return {};
}

} // namespace trv::tool::run
