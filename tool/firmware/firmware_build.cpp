// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/firmware_build.hpp"

#include "tool/firmware/flash_image.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"
#include "tool/tree/module_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace trv::tool::firmware {
namespace {

constexpr const char* place = "setup: firmware";

/// The settings that do not depend on paths.
std::vector<std::string> platform_settings() {
    return {"PLAT=qemu",
            "CROSS_COMPILE=aarch64-linux-gnu-",
            "SPD=opteed",
            "BL32_RAM_LOCATION=tdram",
            "QEMU_USE_GIC_DRIVER=QEMU_GICV3",
            "ARM_LINUX_KERNEL_AS_BL33=1", // passes a device tree in x0, as to a Linux kernel
            fmt::format("ARM_PRELOADED_DTB_BASE={:#x}", device_tree_address),
            fmt::format("PRELOADED_BL33_BASE={:#x}", tree::image_address)};
}

/// The source package in the store: the preferred one, or the alternative.
Result<packages::PackageId> available_source(const packages::PackageStore& store) {
    const std::vector<packages::PackageId> sources = source_packages();
    const auto found = std::ranges::find_if(sources, [&](const auto& id) { return store.has(id); });
    if (found == sources.end()) {
        return failure(place, "TF-A's source is missing", "Run ./trivisor setup with network access.");
    }
    return *found;
}

} // namespace

std::filesystem::path flash_path(const Paths& paths, OpteeVariant variant) {
    return paths.firmware() / name(variant) / "flash.bin";
}

packages::PackageId optee_package() {
    return {.suite = "trixie", .name = "optee-os"};
}

std::vector<packages::PackageId> source_packages() {
    return {{.suite = "trixie", .name = "arm-trusted-firmware", .kind = packages::PackageKind::Source},
            {.suite = "bookworm", .name = "arm-trusted-firmware", .kind = packages::PackageKind::Source}};
}

std::string inputs(const packages::PackageStore& store, OpteeVariant variant) {
    const Result<packages::PackageId> source = available_source(store);
    return fmt::format("{}\n{}\n{}\n{}\n", name(variant), store.version(optee_package()),
                       source ? store.version(*source) : "", fmt::join(platform_settings(), "\n"));
}

Result<void> build(const Paths& paths, const packages::PackageStore& store, OpteeVariant variant) {
    const std::filesystem::path source = store.tree(TRY(available_source(store)));
    const std::filesystem::path optee = store.tree(optee_package()) / package_folder(variant);
    const std::filesystem::path log = paths.logs() / fmt::format("firmware-{}.log", name(variant));
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    const TemporaryFolder output = TRY(TemporaryFolder::create(paths.cache(), "firmware"));

    std::vector<std::string> arguments = {"make",
                                          "-C",
                                          source,
                                          fmt::format("-j{}", std::max(1U, std::thread::hardware_concurrency())),
                                          "BUILD_BASE=" + output.path().string(),
                                          "BL32=" + (optee / "tee-header_v2.bin").string(),
                                          "BL32_EXTRA1=" + (optee / "tee-pager_v2.bin").string(),
                                          "BL32_EXTRA2=" + (optee / "tee-pageable_v2.bin").string()};
    for (std::string& setting : platform_settings()) {
        arguments.push_back(std::move(setting));
    }
    arguments.insert(arguments.end(), {"all", "fip"});
    TRY(run_checked(place, {.arguments = std::move(arguments), .log = log}));

    const std::filesystem::path images = output.path() / "qemu" / "release";
    return write_file(flash_path(paths, variant),
                      TRY(compose_flash(TRY(read_file(images / "bl1.bin")), TRY(read_file(images / "fip.bin")))));
}

} // namespace trv::tool::firmware
