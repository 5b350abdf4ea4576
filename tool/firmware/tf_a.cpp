// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/tf_a.hpp"

#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace trv::tool::firmware {
namespace {

constexpr const char* place = "setup: firmware";

/// The source package in the store: the preferred one, or the alternative.
Result<packages::PackageId> available_source(const packages::PackageStore& store) {
    const std::vector<packages::PackageId> sources = tf_a_packages();
    const auto found = std::ranges::find_if(sources, [&](const auto& id) { return store.has(id); });
    if (found == sources.end()) {
        return failure(place, "TF-A's source is missing", "Run ./trivisor setup with network access.");
    }
    return *found;
}

} // namespace

std::vector<packages::PackageId> tf_a_packages() {
    return {{.suite = "trixie", .name = "arm-trusted-firmware", .kind = packages::PackageKind::Source},
            {.suite = "bookworm", .name = "arm-trusted-firmware", .kind = packages::PackageKind::Source}};
}

Result<std::filesystem::path> tf_a_source(const packages::PackageStore& store) {
    return store.tree(TRY(available_source(store)));
}

std::string tf_a_version(const packages::PackageStore& store) {
    const Result<packages::PackageId> source = available_source(store);
    return source ? store.version(*source) : "";
}

Result<std::string> compiler_version() {
    return capture(place, {.arguments = {fmt::format("{}gcc", cross_compile), "-dumpfullversion"}});
}

Result<void> make_tf_a(const std::filesystem::path& source, const std::filesystem::path& output,
                       const std::filesystem::path& log, std::vector<std::string> arguments, Variables variables) {
    arguments.insert(arguments.begin(),
                     {"make", "-C", source.string(),
                      fmt::format("-j{}", std::max(1U, std::thread::hardware_concurrency())),
                      "BUILD_BASE=" + output.string(), fmt::format("CROSS_COMPILE={}", cross_compile)});
    return run_checked(
        place, {.arguments = std::move(arguments), .environment = std::move(variables), .clean = true, .log = log});
}

} // namespace trv::tool::firmware
