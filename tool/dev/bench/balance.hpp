// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace trv::tool::dev::bench {

/// The hypervisor's allocated and free resources according to its monitor's `stats`. Equal if nothing leaked.
struct Balance {
    std::uint64_t free_frames = 0;
    std::uint64_t hypervisor_frames = 0;
    std::uint64_t heap_objects = 0;
    std::uint64_t vmids = 0;

    bool operator==(const Balance&) const = default;
};

/// Nothing when a number is missing.
[[nodiscard]] std::optional<Balance> balance_of(const nlohmann::ordered_json& stats);

[[nodiscard]] nlohmann::ordered_json to_json(const Balance& balance);

/// A table: before, after, and which differ.
[[nodiscard]] std::string balance_table(const Balance& before, const Balance& after);

/// The state of a VM in the monitor's `list`; nothing when it is gone.
[[nodiscard]] std::optional<std::string> state_of(const nlohmann::ordered_json& list, const std::string& vm);

} // namespace trv::tool::dev::bench
