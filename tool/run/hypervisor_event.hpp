#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::runs {

/// An event of channel 1; docs/internals/machine-tree.md names them and their members.
struct HypervisorEvent {
    enum class Kind { MachineReady, VmCreated, VmRefused, VmRunning, VmStopped, MachineOff, Reply, Unknown };
    Kind kind = Kind::Unknown;
    std::uint64_t ns = 0;
    std::string vm{};
    std::string reason{};
    std::string detail{};
    std::string version{};
    std::string options{}; // of the image: "NAME=value NAME=value"
    std::uint64_t image_bytes = 0;
};

/// Reads a line of channel 1; nothing when it is no event. Members of a wrong type count as absent.
[[nodiscard]] std::optional<HypervisorEvent> parse_event(std::string_view line);

} // namespace trv::tool::runs
