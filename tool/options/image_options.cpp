// SPDX-License-Identifier: Apache-2.0
#include "tool/options/image_options.hpp"

#include "tool/machine/readers/table_reader.hpp"
#include "tool/machine/values/kernel_name.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trv::tool::options {

Result<ImageOptions> read_image_options(const std::filesystem::path& file) {
    const auto json = nlohmann::json::parse(TRY(read_file(file)), nullptr, false);
    if (!json.is_object()) {
        return failure(file.string(), "is damaged", "Remove its folder and run ./trivisor setup.");
    }
    ImageOptions options;
    options.aarch32 = json.value("AARCH32", options.aarch32);
    options.firmware = json.value("FIRMWARE", options.firmware);
    options.optee = json.value("OPTEE", options.optee);
    options.host = json.value("HOST", options.host);
    options.gicv2 = json.value("GICV2", options.gicv2);
    options.trace = json.value("TRACE", options.trace);
    options.max_cpus = json.value("MAX_CPUS", options.max_cpus);
    return options;
}

Result<void> check_machine(const ImageOptions& options, const machine::MachineDescription& machine) {
    if (machine.cpus > options.max_cpus) {
        return machine::wrong_at(machine.cpus_place,
                                 fmt::format("the image is built for {} (option MAX_CPUS)", options.max_cpus),
                                 "Use fewer CPUs, or raise MAX_CPUS with ./trivisor menuconfig.");
    }
    const unsigned built_for = options.gicv2 ? 2 : 3;
    if (machine.platform->gic_version != built_for) {
        return machine::wrong_at(machine.platform_place,
                                 fmt::format("{} has a GICv{}, and the image is built for a GICv{} (option GICV2)",
                                             machine.platform->name, machine.platform->gic_version, built_for),
                                 "Choose another platform, or change GICV2 with ./trivisor menuconfig.");
    }
    for (const auto& vm : machine.vms) {
        if (vm.devices == contract::DeviceSet::All && !options.host) {
            return machine::wrong_at(vm.devices_place, "the image is built without the host VM (option HOST)",
                                     "Remove the key, or enable HOST with ./trivisor menuconfig.");
        }
        if (vm.has_firmware() && !options.firmware) {
            return machine::wrong_at(vm.firmware_place, "the image is built without guests' firmware (option FIRMWARE)",
                                     "Remove the key, or enable FIRMWARE with ./trivisor menuconfig.");
        }
        if (machine::is_32_bit(vm.kernel) && !options.aarch32) {
            return machine::wrong_at(vm.kernel_place,
                                     "is for 32-bit Arm, and the image is built without such guests (option AARCH32)",
                                     "Give a kernel for arm64, or enable AARCH32 with ./trivisor menuconfig.");
        }
        if (vm.tee && !options.optee) {
            return machine::wrong_at(vm.tee_place, "the image is built without OP-TEE (option OPTEE)",
                                     "Write tee = false, or enable OPTEE with ./trivisor menuconfig.");
        }
    }
    return {};
}

} // namespace trv::tool::options
