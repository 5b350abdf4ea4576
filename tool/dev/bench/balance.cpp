// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/balance.hpp"

#include "contract/monitor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <string_view>

namespace trv::tool::dev::bench {

namespace {

namespace key = contract::monitor::key;
using nlohmann::ordered_json;

struct Member {
    std::string_view name;
    std::uint64_t Balance::* value;
};

constexpr std::array members{
    Member{.name = key::free_frames, .value = &Balance::free_frames},
    Member{.name = key::hypervisor_frames, .value = &Balance::hypervisor_frames},
    Member{.name = key::heap_objects, .value = &Balance::heap_objects},
    Member{.name = key::vmids, .value = &Balance::vmids},
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
        object[std::string{member.name}] = balance.*member.value;
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
    const auto vms = list.find(key::vms);
    if (vms == list.end() || !vms->is_array()) {
        return std::nullopt;
    }
    for (const auto& entry : *vms) {
        if (entry.is_object() && entry.value(key::vm, "") == vm) {
            return entry.value(key::state, "");
        }
    }
    return std::nullopt;
}

} // namespace trv::tool::dev::bench
