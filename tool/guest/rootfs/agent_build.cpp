// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/rootfs/agent_build.hpp"

#include "tool/support/process/process.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace trv::tool::guest {
namespace {

constexpr std::array flags = {"-std=c++23", "-O2",     "-static",    "-s",       "-fno-exceptions", "-fno-rtti",
                              "-Wall",      "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",    "-Werror"};

} // namespace

std::string agent_flags() {
    return fmt::format("{}", fmt::join(flags, " "));
}

Result<void> build_agent(const Paths& paths, const std::filesystem::path& out) {
    std::vector<std::string> arguments = {"aarch64-linux-gnu-g++"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"-I", paths.root().string(), "-o", out.string()});
    std::vector<std::string> sources;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(paths.root() / "guests/linux/agent", error)) {
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
