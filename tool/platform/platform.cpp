// SPDX-License-Identifier: Apache-2.0
#include "tool/platform/platform.hpp"

#include "tool/firmware/optee_source.hpp"
#include "tool/firmware/tf_a.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace trv::tool::platform {
namespace {

constexpr std::array platforms{&qemu_virt, &qemu_virt_gicv2, &zcu102};

std::filesystem::path sources_of(const Paths& paths, const Platform& platform) {
    return paths.root() / "tool" / "platform" / platform.name;
}

} // namespace

std::vector<std::string_view> names() {
    std::vector<std::string_view> all;
    for (const Platform* one : platforms) {
        all.push_back(one->name);
    }
    return all;
}

const Platform& by_index(std::size_t index) {
    return *platforms.at(index);
}

std::filesystem::path firmware_folder(const Paths& paths, const Platform& platform, const firmware::Optee& optee) {
    return paths.firmware() / platform.name / firmware::name(optee);
}

Result<std::string> firmware_inputs(const Paths& paths, const packages::PackageStore& store, const Platform& platform,
                                    const firmware::Optee& optee) {
    std::vector<std::string> lines = platform.firmware.settings(optee);
    lines.push_back(TRY(firmware::compiler_version()));
    for (const packages::PackageId& package : platform.firmware.packages()) {
        lines.push_back(store.version(package));
    }
    const std::filesystem::path sources = sources_of(paths, platform);
    if (std::filesystem::exists(sources)) {
        Sha256 hash;
        TRY(hash.add_path(sources));
        lines.push_back(hash.finish());
    }
    return fmt::format("{}\n{}\n{}\n", firmware::name(optee), firmware::tf_a_version(store), fmt::join(lines, "\n"));
}

Result<void> build_firmware(const Paths& paths, const packages::PackageStore& store, const Platform& platform,
                            const firmware::Optee& optee) {
    const std::filesystem::path log =
        paths.logs() / fmt::format("firmware-{}-{}.log", platform.name, firmware::name(optee));
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    const TemporaryFolder work = TRY(TemporaryFolder::create(paths.cache(), "firmware"));
    const firmware::OpteeBuild* from_source = firmware::source_build(optee);
    const std::filesystem::path folder = firmware_folder(paths, platform, optee);
    TRY(make_folder(folder));
    return platform.firmware.build({.store = store,
                                    .optee = optee,
                                    .optee_folder = from_source ? firmware::optee_folder(paths, *from_source) : "",
                                    .tf_a = TRY(firmware::tf_a_source(store)),
                                    .sources = sources_of(paths, platform),
                                    .work = work.path(),
                                    .log = log,
                                    .folder = folder});
}

} // namespace trv::tool::platform
