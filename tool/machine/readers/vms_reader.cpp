// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/vms_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::machine {

namespace {

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

Result<toml::table> parse_toml(std::string_view text, const std::string& file) {
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

Result<std::vector<VmDescription>> read_vms(const toml::table& root, const std::filesystem::path& path,
                                            const Surroundings& surroundings) {
    const std::string file = path.string();
    const toml::table* tables = TRY(table_of(root, "vm", file, "a [vm.NAME] for each virtual machine"));
    std::vector<VmDescription> vms;
    for (const auto& [name, node] : in_file_order(*tables)) {
        const toml::table* table = node->as_table();
        if (table == nullptr) {
            return usage_error(place_of(file, node->source()), "vm." + name, "must be a table",
                               fmt::format("Write [vm.{}], followed by the VM's keys.", name));
        }
        vms.push_back(TRY(read_vm(TableReader{*table, file, "vm." + name}, name, path.parent_path(), surroundings)));
    }
    if (vms.size() > contract::max_vms) {
        return usage_error(file, "vm", fmt::format("has {} VMs", vms.size()),
                           fmt::format("Describe at most {}.", contract::max_vms));
    }
    return vms;
}

} // namespace trv::tool::machine
