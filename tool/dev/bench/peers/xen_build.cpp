// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/peers/xen_build.hpp"

#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace trv::tool::dev::bench {

namespace {

constexpr const char* place = "bench: xen";

/// The mediator counts as unsupported until these say otherwise [Xen, xen/arch/arm/tee/Kconfig].
constexpr const char* settings = "CONFIG_UNSUPPORTED=y\nCONFIG_TEE=y\nCONFIG_OPTEE=y\n";

Result<packages::PackageId> available_source(const packages::PackageStore& store) {
    for (const packages::PackageId& id : xen_packages()) {
        if (store.has(id)) {
            return id;
        }
    }
    return failure(place, "Xen's source is missing",
                   "Run the benchmark with network access, or with --on bare,trivisor.");
}

} // namespace

std::vector<packages::PackageId> xen_packages() {
    return {{.suite = "trixie", .name = "xen", .kind = packages::PackageKind::Source},
            {.suite = "bookworm", .name = "xen", .kind = packages::PackageKind::Source}};
}

std::filesystem::path xen_image(const Paths& paths) {
    return paths.build() / "peers" / "xen.bin";
}

std::string xen_version(const packages::PackageStore& store) {
    const auto source = available_source(store);
    return source ? store.version(*source) : "";
}

std::string xen_inputs(const packages::PackageStore& store) {
    return xen_version(store) + "\n" + settings;
}

Result<void> build_xen(const Paths& paths, const packages::PackageStore& store) {
    const auto source = store.tree(TRY(available_source(store))) / "xen";
    const auto log = paths.logs() / "xen.log";
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    const TemporaryFolder output = TRY(TemporaryFolder::create(paths.cache(), "xen"));
    const auto make = [&](const std::vector<std::string>& targets) {
        std::vector<std::string> arguments{"make",
                                           "-C",
                                           source,
                                           "O=" + output.path().string(),
                                           "XEN_TARGET_ARCH=arm64",
                                           "CROSS_COMPILE=aarch64-linux-gnu-",
                                           "PYTHON=/usr/bin/python3"};
        arguments.insert(arguments.end(), targets.begin(), targets.end());
        return run_checked(place, {.arguments = std::move(arguments), .log = log});
    };
    TRY(make({"defconfig"}));
    const auto configuration = output.path() / ".config";
    TRY(write_file(configuration, TRY(read_file(configuration)) + settings));
    TRY(make({"olddefconfig"}));
    TRY(make({fmt::format("-j{}", std::max(1U, std::thread::hardware_concurrency()))}));
    return write_file(xen_image(paths), TRY(read_file(output.path() / "xen")));
}

} // namespace trv::tool::dev::bench
