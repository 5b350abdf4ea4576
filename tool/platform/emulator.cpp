// SPDX-License-Identifier: Apache-2.0
#include "tool/platform/emulator.hpp"

#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

namespace trv::tool::platform {
namespace {

constexpr const char* suite = "trixie";
constexpr const char* package = "qemu-system-arm";

std::filesystem::path tree(const Paths& paths) {
    return paths.cache() / "qemu" / suite;
}

std::filesystem::path libraries(const Paths& paths) {
    return tree(paths) / "usr" / "lib" / "x86_64-linux-gnu";
}

std::filesystem::path loader_of(const Paths& paths) {
    return libraries(paths) / "ld-linux-x86-64.so.2";
}

std::filesystem::path program(const Paths& paths) {
    return tree(paths) / "usr" / "bin" / qemu;
}

} // namespace

std::string_view lack_of_installed_qemu(std::string_view cpu) {
    // TF-A writes it when the CPU comes out of reset [TF-A, lib/cpus/aarch64/neoverse_n1.S]; QEMU has it since 8.0.
    return cpu == "neoverse-n1" ? "the register CPUACTLR2_EL1" : "";
}

std::vector<std::string> qemu_words_of(const Paths& paths, QemuChoice choice) {
    if (choice == QemuChoice::Installed) {
        return {qemu};
    }
    const auto folder = libraries(paths);
    return {
        "env",
        // Its own modules come first. Those that it lacks it looks for where the installed QEMU has them, and refuses.
        "QEMU_MODULE_DIR=" + (folder / "qemu").string(), loader_of(paths), "--library-path",
        fmt::format("{0}:{0}/pulseaudio:{0}/systemd", folder.string()), "--argv0", qemu, program(paths), "-L",
        tree(paths) / "usr" / "share" / "qemu"};
}

std::string fetched_qemu_inputs() {
    return fmt::format("{}/{}", suite, package);
}

std::vector<std::filesystem::path> fetched_qemu_outputs(const Paths& paths) {
    return {loader_of(paths), program(paths)};
}

Result<void> fetch_qemu(const Paths& paths, packages::PackageStore& store, Progress::Step& step) {
    const auto files = TRY(store.require_installation(suite, {package}, step, packages::Architecture::Host));
    TRY(make_folder(tree(paths).parent_path()));
    step.update("unpacking");
    return make_whole(tree(paths), [&](const std::filesystem::path& beside) -> Result<void> {
        for (const auto& file : files) {
            TRY(run_checked("setup: QEMU",
                            {.arguments = {"dpkg-deb", "-x", file, beside}, .log = paths.logs() / "packages.log"}));
        }
        return {};
    });
}

} // namespace trv::tool::platform
