// SPDX-License-Identifier: Apache-2.0
#include "machine/vm_parser.hpp"

#include "lib/checked.hpp"
#include "lib/limits.hpp"

#include <algorithm>

namespace trv::machine {
namespace {

using contract::for_each_row;

/// "restart, stop or halt-machine".
std::string_view join(std::span<char> out, std::span<const std::string_view> words) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view before = i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
        used += format_to(out.subspan(used), "{}{}", before, words[i]).size();
    }
    return {out.data(), used};
}

} // namespace

std::nullopt_t VmParser::refuse_with(std::string_view property, std::string_view expected) {
    refused_.label = vm_.label.empty() ? node_.name() : vm_.label;
    const std::string_view text =
        format_to(refused_.text, "/chosen/trivisor/{}: {}: expected {}", node_.name(), property, expected);
    refused_.size = static_cast<u8>(text.size());
    return std::nullopt;
}

std::optional<VmDescription> VmParser::parse() {
    if (parse_identity() && parse_resources() && parse_cpus() && parse_files() && parse_settings() &&
        parse_manager_group() && parse_tee()) {
        name_unknown_properties();
        return vm_;
    }
    return std::nullopt;
}

bool VmParser::parse_identity() {
    constexpr const char* name = contract::label_property.name;
    const auto label = node_.text_property(name);
    if (!label || !contract::is_label(*label)) {
        refuse(name, "1 to {} of a-z, 0-9 and -", contract::max_label);
        return false;
    }
    vm_.label = *label;
    const auto index = node_.unit_address();
    if (!index || *index >= max_vms) {
        refuse("unit address", "an index from 0 to f");
        return false;
    }
    static_assert(max_vms == 16, "the text above says so");
    vm_.index = static_cast<unsigned>(*index);
    if (!node_.is_compatible(contract::vm_compatible)) {
        refuse(contract::compatible_property.name, contract::vm_compatible);
        return false;
    }
    return true;
}

bool VmParser::parse_resources() {
    constexpr const char* name = contract::memory_property.name;
    const auto memory = node_.u64_property(name);
    if (!memory || *memory == 0 || !is_aligned(*memory, contract::memory_step)) {
        refuse(name, "64 bits, a multiple of {} MiB", contract::memory_step / MiB);
        return false;
    }
    vm_.memory_size = *memory;
    constexpr const auto& vcpus = contract::vcpus_property;
    return cell(vcpus.property.name, vcpus.least, vcpus.most, vcpus.unit, vm_.vcpus);
}

bool VmParser::parse_cpus() {
    const auto cpus = node_.property(contract::cpus_property.name);
    if (!cpus) {
        return true;
    }
    bool sound = cpus->size() == std::size_t{vm_.vcpus} * 4;
    for (unsigned i = 0; sound && i < vm_.vcpus; ++i) {
        const u32 cpu = cpus->cell(i).value_or(max_cpus);
        sound = cpu < machine_.cpus.size();
        vm_.cpu[i] = cpu;
    }
    if (!sound) {
        refuse(contract::cpus_property.name, "the index of an existing CPU for each vCPU");
        return false;
    }
    vm_.pinned = true;
    return true;
}

bool VmParser::image(const char* property, std::optional<PaRange>& range) {
    const auto named = node_.property(property);
    if (!named) {
        return true;
    }
    const auto found = images_.find(*named);
    if (!found) {
        refuse(property, found.error());
        return false;
    }
    range = *found;
    return true;
}

bool VmParser::parse_files() {
    std::optional<PaRange> kernel;
    if (!image(contract::kernel_property.name, kernel)) {
        return false;
    }
    if (!kernel) {
        refuse(contract::kernel_property.name, images_.expected());
        return false;
    }
    vm_.kernel = *kernel;
    contract::VmSettings& settings = vm_;
    if (!number(contract::firmware_property, settings)) {
        return false;
    }
    if (!image(contract::ramdisk_property.name, vm_.ramdisk)) {
        return false;
    }
    constexpr const char* name = contract::bootargs_property.name;
    if (!node_.has(name)) {
        return true;
    }
    const auto bootargs = node_.text_property(name);
    if (!bootargs || bootargs->size() > contract::max_bootargs) {
        refuse(name, "a string of at most {} bytes", contract::max_bootargs);
        return false;
    }
    vm_.bootargs = *bootargs;
    return true;
}

bool VmParser::cell(const char* property, u32 least, u32 most, std::string_view unit, u32& value) {
    const auto found = node_.u32_property(property);
    if (!found || *found < least || *found > most) {
        refuse(property, "{} to {}{}", least, most, unit);
        return false;
    }
    value = *found;
    return true;
}

template <typename Settings, typename Value>
bool VmParser::number(const contract::Number<Settings, Value>& row, Settings& settings) {
    u32 value = 0;
    if (!node_.has(row.property.name)) {
        return true;
    }
    if (!cell(row.property.name, row.least, row.most, row.unit, value)) {
        return false;
    }
    settings.*row.member = value;
    return true;
}

std::optional<std::size_t> VmParser::word(const char* property, std::span<const std::string_view> words) {
    const auto text = node_.text_property(property);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (text && *text == words[i]) {
            return i;
        }
    }
    std::array<char, 64> expected;
    return refuse(property, join(expected, words));
}

template <typename Settings, typename Value, std::size_t count>
bool VmParser::choice(const contract::Choice<Settings, Value, count>& row, Settings& settings) {
    if (!node_.has(row.property.name)) {
        return true;
    }
    const auto index = word(row.property.name, row.words);
    if (index) {
        row.set(settings, *index);
    }
    return index.has_value();
}

bool VmParser::parse_settings() {
    contract::VmSettings& settings = vm_;
    return for_each_row<contract::vm_numbers>([&](const auto& row) { return number(row, settings); }) &&
           contract::for_each_vm_choice([&](const auto& row) { return choice(row, settings); });
}

bool VmParser::uuid_list(const char* property, std::span<const u8>& list) {
    const auto p = node_.property(property);
    if (!p) {
        return true;
    }
    if (p->size() % contract::uuid_size != 0 || p->size() > contract::max_tee_rules * contract::uuid_size) {
        refuse(property, "at most {} UUIDs of {} bytes each", contract::max_tee_rules, contract::uuid_size);
        return false;
    }
    list = p->bytes();
    return true;
}

bool VmParser::parse_manager_group() {
    constexpr const char* name = contract::manager_group_property.name;
    const auto p = node_.property(name);
    if (!p) {
        return true;
    }
    if (p->size() != contract::uuid_size) {
        refuse(name, "a UUID of {} bytes", contract::uuid_size);
        return false;
    }
    if (vm_.devices != DeviceSet::All) {
        refuse(name, "a VM with all devices");
        return false;
    }
    std::ranges::copy(p->bytes(), vm_.manager_group.emplace().begin());
    return true;
}

bool VmParser::parse_tee() {
    constexpr const char* name = contract::tee_property.name;
    const auto flag = node_.property(name);
    if (!flag) {
        return true;
    }
    if (flag->size() != 0) {
        refuse(name, "no value");
        return false;
    }
    Tee& tee = vm_.tee.emplace();
    contract::TeeSettings& settings = tee;
    return choice(contract::tee_default, settings) && uuid_list(contract::tee_allow_property.name, tee.allow) &&
           uuid_list(contract::tee_deny_property.name, tee.deny) &&
           for_each_row<contract::tee_numbers>([&](const auto& row) { return number(row, settings); });
}

void VmParser::name_unknown_properties() {
    node_.for_each_property([&](std::string_view name) {
        if (std::ranges::find(contract::vm_property_names, name) == contract::vm_property_names.end()) {
            problems_.add("/chosen/trivisor/{}: {}: unknown property, ignored", node_.name(), name);
        }
    });
}

} // namespace trv::machine
