// SPDX-License-Identifier: Apache-2.0
#include "tool/control/vm_tables.hpp"

#include "tool/machine/values/byte_size.hpp"
#include "tool/support/text_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace trv::tool::control {

namespace {

namespace key = contract::monitor::key;
using contract::monitor::Command;
using nlohmann::ordered_json;

/// The hypervisor may be older or newer than this command: a missing member, or one of another type, is shown as a
/// dash.
std::string text(const ordered_json& object, std::string_view key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_structured()) {
        return "-";
    }
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string size(const ordered_json& object, std::string_view key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? machine::format_size(found->get<std::uint64_t>())
                                                                : "-";
}

std::string seconds(const ordered_json& object, std::string_view key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? fmt::format("{:.3f} s", found->get<double>() / 1e9) : "-";
}

std::string yes_or_no(const ordered_json& object, std::string_view key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() ? (found->get<bool>() ? "yes" : "no") : "-";
}

const ordered_json& list(const ordered_json& object, std::string_view key) {
    static const ordered_json none = ordered_json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : none;
}

/// The counters of an object that are not zero, the greatest first.
std::string counters(const ordered_json& object, std::string_view key) {
    std::vector<std::pair<std::string, std::uint64_t>> reasons;
    const ordered_json counts = object.value(std::string{key}, ordered_json::object());
    for (const auto& [reason, count] : counts.items()) {
        if (count.is_number_unsigned() && count.get<std::uint64_t>() != 0) {
            reasons.emplace_back(reason, count.get<std::uint64_t>());
        }
    }
    std::ranges::sort(reasons, [](const auto& one, const auto& other) { return one.second > other.second; });
    std::string line;
    for (const auto& [reason, count] : reasons) {
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", reason, count);
    }
    return line;
}

std::string list_table(const ordered_json& reply) {
    TextTable table{{"VM", "state", "vCPUs", "memory", "weight", "cap", "OP-TEE", "I/O"}};
    for (const auto& vm : list(reply, key::vms)) {
        table.add({text(vm, key::vm), text(vm, key::state), text(vm, key::vcpus), size(vm, key::memory_bytes),
                   text(vm, key::weight), text(vm, key::cap), yes_or_no(vm, key::tee), text(vm, key::io)});
    }
    return table.text();
}

std::string stats_table(const ordered_json& reply) {
    TextTable vcpus{{"VM", "vCPU", "CPU", "state", "ran", "stolen", "exits"}};
    TextTable vms{{"VM", "state", "4 KiB frames", "pinned"}};
    TextTable optee{{"OP-TEE", "sessions", "buffers", "pages", "secure time", "calls", "requests", "refused"}};
    for (const auto& vm : list(reply, key::vms)) {
        vms.add({text(vm, key::vm), text(vm, key::state), text(vm, key::frames), text(vm, key::pins)});
        if (const auto tee = vm.find(key::optee); tee != vm.end() && tee->is_object()) {
            optee.add({text(vm, key::vm), text(*tee, key::sessions), text(*tee, key::buffers),
                       text(*tee, key::pinned_pages), seconds(*tee, key::secure_ns), counters(*tee, key::calls),
                       counters(*tee, key::rpcs), counters(*tee, key::refused)});
        }
        for (const auto& vcpu : list(vm, key::vcpu_stats)) {
            vcpus.add({text(vm, key::vm), text(vcpu, key::vcpu), text(vcpu, key::cpu), text(vcpu, key::state),
                       seconds(vcpu, key::run_ns), seconds(vcpu, key::steal_ns), counters(vcpu, key::exits)});
        }
    }
    TextTable cpus{{"CPU", "idle"}};
    for (const auto& cpu : list(reply, key::cpus)) {
        cpus.add({text(cpu, key::cpu), seconds(cpu, key::idle_ns)});
    }
    return fmt::format("{}\n{}\n{}\n{}\nfree frames {}, hypervisor frames {}, VMIDs in use {}\n", vcpus.text(),
                       vms.text(), optee.text(), cpus.text(), text(reply, key::free_frames),
                       text(reply, key::hypervisor_frames), text(reply, key::vmids));
}

std::string log_lines(const ordered_json& reply) {
    std::string lines;
    for (const auto& line : list(reply, key::lines)) {
        lines += line.is_string() ? line.get<std::string>() + "\n" : "";
    }
    return lines;
}

std::string trace_table(const ordered_json& reply) {
    TextTable table{{"tracing", "records per CPU", "recorded", "lost"}};
    table.add(
        {yes_or_no(reply, key::on), text(reply, key::ring_records), text(reply, key::written), text(reply, key::lost)});
    return table.text();
}

} // namespace

std::string table_for(Command command, const ordered_json& reply) {
    switch (command) {
    case Command::List:
        return list_table(reply);
    case Command::Stats:
        return stats_table(reply);
    case Command::Log:
        return log_lines(reply);
    case Command::Trace:
        return trace_table(reply);
    default:
        return "";
    }
}

bool keep_vm(ordered_json& reply, const std::string& vm) {
    ordered_json kept = ordered_json::array();
    for (const auto& one : list(reply, key::vms)) {
        if (text(one, key::vm) == vm) {
            kept.push_back(one);
        }
    }
    const bool found = !kept.empty();
    reply[std::string{key::vms}] = std::move(kept);
    return found;
}

} // namespace trv::tool::control
