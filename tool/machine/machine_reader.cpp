// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/machine_reader.hpp"

#include "tool/machine/byte_size.hpp"
#include "tool/machine/disk_reader.hpp"
#include "tool/machine/optee_reader.hpp"
#include "tool/machine/vm_reader.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trv::tool::machine {

namespace {

constexpr std::array<std::string_view, 6> machine_keys{"platform", "cpus", "memory", "disks", "network", optee_key};
constexpr std::array<std::string_view, 2> top_keys{"machine", "vm"};

Result<toml::table> parse(std::string_view text, const std::string& file) {
    try {
        return toml::parse(text, file);
    } catch (const toml::parse_error& problem) {
        const std::string what{problem.description()};
        const bool twice = what.find("redefine") != std::string::npos;
        return usage_error(
            place_of(file, problem.source()), "", twice ? "this table or key is defined twice (" + what + ")" : what,
            twice ? "Use a different name for each VM, and each key only once." : "Correct the TOML syntax.");
    }
}

/// A required table.
Result<const toml::table*> table_of(const toml::table& root, std::string_view key, const std::string& file,
                                    std::string_view example) {
    const toml::node* node = root.get(key);
    const toml::table* table = node == nullptr ? nullptr : node->as_table();
    if (table == nullptr || table->empty()) {
        return usage_error(node == nullptr ? file : place_of(file, node->source()), std::string{key},
                           node == nullptr ? "is missing" : "must be a non-empty table",
                           fmt::format("Add {}.", example));
    }
    return table;
}

Result<void> read_platform(const TableReader& reader, const std::filesystem::path& folder,
                           MachineDescription& machine) {
    TRY(reader.expect_only(machine_keys));
    const auto named = TRY(reader.choice("platform", platform::names()));
    const platform::Platform& platform = named ? platform::by_index(*named) : *machine.platform;
    machine.platform = &platform;
    machine.cpus = TRY(reader.number("cpus", 1, contract::max_cpus)).value_or(machine.cpus);
    if (machine.cpus > platform.firmware.most_cpus) {
        return reader.wrong("cpus", fmt::format("{} exceeds what Debian's OP-TEE package supports", machine.cpus),
                            fmt::format("Use at most {}.", platform.firmware.most_cpus));
    }
    const auto memory = TRY(reader.size("memory"));
    const std::uint64_t least = platform.memory.least;
    const std::uint64_t most = platform.memory.most;
    if (!memory || *memory < least || *memory > most || *memory % contract::memory_step != 0) {
        return reader.wrong("memory",
                            memory ? fmt::format("{} is not possible on {}", format_size(*memory), platform.name)
                                   : "is missing",
                            fmt::format("Give the machine {} to {}, a multiple of 2MiB: memory = \"2GiB\".",
                                        format_size(least), format_size(most)));
    }
    machine.memory = *memory;
    machine.disks = TRY(read_disks(reader, folder));
    if (const auto network = TRY(reader.choice("network", platform::network_words))) {
        machine.network = static_cast<platform::Network>(*network);
    }
    machine.cpus_place = reader.place("cpus");
    machine.memory_place = reader.place("memory");
    return {};
}

Result<void> check_memory(const MachineDescription& machine) {
    std::uint64_t left = machine.memory - std::min(machine.memory, machine.reserve());
    for (const auto& vm : machine.vms) {
        if (vm.memory > left) {
            return wrong_at(vm.memory_place,
                            fmt::format("{} is too much: of the machine's {}, only {} is left for this VM",
                                        format_size(vm.memory), format_size(machine.memory), format_size(left)),
                            "Lower it, or raise [machine] memory.");
        }
        left -= vm.memory;
    }
    return {};
}

/// The machine's devices are one VM's.
Result<void> check_host(const MachineDescription& machine) {
    const auto host = std::ranges::find_if(machine.vms, &VmDescription::has_machine_devices);
    if (host == machine.vms.end()) {
        return {};
    }
    const auto second = std::ranges::find_if(std::next(host), machine.vms.end(), &VmDescription::has_machine_devices);
    if (second != machine.vms.end()) {
        return wrong_at(second->devices_place,
                        fmt::format("{} has all of the machine's devices already, and only one VM can", host->name),
                        "Remove the key here, or there.");
    }
    return {};
}

/// toml++ keeps tables sorted by name; a VM's index follows the file, as its reader expects.
std::vector<std::pair<std::string, const toml::node*>> in_file_order(const toml::table& vms) {
    std::vector<std::pair<std::string, const toml::node*>> ordered;
    for (const auto& [name, node] : vms) {
        ordered.emplace_back(name.str(), &node);
    }
    std::ranges::sort(ordered, {}, [](const auto& entry) { return entry.second->source().begin; });
    return ordered;
}

} // namespace

Result<MachineDescription> parse_machine(std::string_view text, const std::filesystem::path& path) {
    const std::string file = path.string();
    const toml::table root = TRY(parse(text, file));
    TRY(TableReader(root, file, "").expect_only(top_keys));
    MachineDescription machine{.file = path};
    const toml::table* machine_table = TRY(table_of(root, "machine", file, "[machine] with cpus and memory"));
    const TableReader machine_reader{*machine_table, file, "machine"};
    TRY(read_platform(machine_reader, path.parent_path(), machine));
    const toml::table* vms = TRY(table_of(root, "vm", file, "a [vm.NAME] for each virtual machine"));
    for (const auto& [name, node] : in_file_order(*vms)) {
        const toml::table* table = node->as_table();
        if (table == nullptr) {
            return usage_error(place_of(file, node->source()), "vm." + name, "must be a table",
                               fmt::format("Write [vm.{}], followed by the VM's keys.", name));
        }
        const TableReader reader{*table, file, "vm." + name};
        machine.vms.push_back(TRY(read_vm(reader, name, path.parent_path(), machine.cpus)));
        if (machine.vms.back().boots_from_disk() && machine.disks.empty()) {
            return reader.wrong("kernel", "is on the machine's first disk, and the machine has none",
                                "Give it one: disks = [{ image = \"debian:trixie\" }] below [machine].");
        }
    }
    if (machine.vms.size() > contract::max_vms) {
        return usage_error(file, "vm", fmt::format("has {} VMs", machine.vms.size()),
                           fmt::format("Describe at most {}.", contract::max_vms));
    }
    TRY(check_host(machine));
    machine.optee = TRY(read_optee(machine_reader, machine));
    TRY(check_memory(machine));
    return machine;
}

Result<MachineDescription> read_machine(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        return usage_error(file.string(), "", "no such machine description",
                           "Name a TOML file, e.g. machines/one.toml.");
    }
    return parse_machine(TRY(read_file(file)), file);
}

} // namespace trv::tool::machine
