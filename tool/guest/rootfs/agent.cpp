// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/rootfs/agent.hpp"

#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace trv::tool::guest {
namespace {

constexpr std::array agent_compiler_flags = {"-std=c++23",      "-O2",       "-static",      "-s",
                                             "-fno-exceptions", "-fno-rtti", "-Wall",        "-Wextra",
                                             "-Wpedantic",      "-Wshadow",  "-Wconversion", "-Werror"};

std::string agent_flags() {
    return fmt::format("{}", fmt::join(agent_compiler_flags, " "));
}

std::filesystem::path agent_sources(const Paths& paths) {
    return paths.root() / "guests" / "linux" / "agent";
}

} // namespace

Result<std::string> agent_inputs(const Paths& paths) {
    Sha256 hash;
    hash.add_field(agent_flags());
    TRY(hash.add_path(agent_sources(paths)));
    return hash.finish();
}

std::filesystem::path libraries_32_bit(const Paths& paths) {
    return paths.cache() / "libraries-armhf";
}

Result<void> prepare_32_bit_libraries(const Paths& paths, packages::PackageStore& store, Progress::Step& step) {
    const auto files = TRY(store.require_installation("trixie", {"libc6-dev:armhf", "libstdc++-14-dev:armhf"}, step));
    step.update("unpacking");
    return make_whole(libraries_32_bit(paths), [&](const std::filesystem::path& beside) -> Result<void> {
        for (const auto& file : files) {
            TRY(run_checked("setup: 32-bit libraries",
                            {.arguments = {"dpkg-deb", "-x", file, beside}, .log = paths.logs() / "packages.log"}));
        }
        return {};
    });
}

Result<void> build_agent(const Paths& paths, const std::filesystem::path& out, Width width) {
    std::vector<std::string> arguments = {"aarch64-linux-gnu-g++"};
    if (width == Width::Bits32) { // the hypervisor's compiler can do it, without a package more
        arguments = {"clang++-19", "--target=arm-linux-gnueabihf", "--sysroot=" + libraries_32_bit(paths).string(),
                     "-fuse-ld=lld"};
    }
    arguments.insert(arguments.end(), agent_compiler_flags.begin(), agent_compiler_flags.end());
    arguments.insert(arguments.end(), {"-I", paths.root().string(), "-o", out.string()});
    std::vector<std::string> sources;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(agent_sources(paths), error)) {
        if (entry.path().extension() == ".cpp") {
            sources.push_back(entry.path().string());
        }
    }
    std::ranges::sort(sources);
    const std::filesystem::path log = paths.logs() / "agent.log";
    std::filesystem::remove(log, error);
    arguments.insert(arguments.end(), sources.begin(), sources.end());
    return run_checked("setup: guest agent", {.arguments = std::move(arguments), .log = log});
}

} // namespace trv::tool::guest
