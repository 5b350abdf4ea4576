// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/balance.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace trv::tool::dev::bench {

namespace {

using nlohmann::ordered_json;

struct Member {
    const char* name;
    std::uint64_t Balance::* value;
};

constexpr std::array members{
    Member{.name = "free_frames", .value = &Balance::free_frames},
    Member{.name = "hypervisor_frames", .value = &Balance::hypervisor_frames},
    Member{.name = "heap_objects", .value = &Balance::heap_objects},
    Member{.name = "vmids", .value = &Balance::vmids},
};

} // namespace

std::optional<Balance> balance_of(const ordered_json& stats) {
    Balance balance;
    for (const auto& member : members) {
        const auto found = stats.find(member.name);
        if (found == stats.end() || !found->is_number_unsigned()) {
            return std::nullopt;
        }
        balance.*member.value = found->get<std::uint64_t>();
    }
    return balance;
}

ordered_json to_json(const Balance& balance) {
    ordered_json object = ordered_json::object();
    for (const auto& member : members) {
        object[member.name] = balance.*member.value;
    }
    return object;
}

std::string balance_table(const Balance& before, const Balance& after) {
    std::string table = fmt::format("{:<18}  {:>10}  {:>10}\n", "", "before", "after");
    for (const auto& member : members) {
        const auto was = before.*member.value;
        const auto is = after.*member.value;
        table += fmt::format("{:<18}  {:>10}  {:>10}{}\n", member.name, was, is, was == is ? "" : "  differs");
    }
    return table;
}

std::optional<std::string> state_of(const ordered_json& list, const std::string& vm) {
    const auto vms = list.find("vms");
    if (vms == list.end() || !vms->is_array()) {
        return std::nullopt;
    }
    for (const auto& entry : *vms) {
        if (entry.is_object() && entry.value("vm", "") == vm) {
            return entry.value("state", "");
        }
    }
    return std::nullopt;
}

} // namespace trv::tool::dev::bench
