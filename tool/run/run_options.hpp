#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::runs {

/// What the user asked `run` for.
struct RunOptions {
    std::filesystem::path machine{};
    std::vector<std::pair<std::string, std::string>> commands{};           // VM and command, in order
    std::vector<std::pair<std::string, std::filesystem::path>> overlays{}; // VM and folder
    std::string attach{};            // VM whose console comes first; empty: the first
    std::optional<double> timeout{}; // seconds of host time
    std::filesystem::path json{};
    bool instruction_clock = false;
    bool debugger = false;

    [[nodiscard]] bool interactive() const { return commands.empty(); }
};

} // namespace trv::tool::runs
