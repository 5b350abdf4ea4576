// SPDX-License-Identifier: Apache-2.0
#include "machine/vm_parser.hpp"

#include "lib/checked.hpp"
#include "lib/limits.hpp"

#include <algorithm>

namespace trv::machine {
namespace {

constexpr u64 memory_granule = 2 * MiB;

constexpr std::string_view known_properties[] = {"compatible",
                                                 "label",
                                                 "memory-size",
                                                 "vcpus",
                                                 "cpus",
                                                 "kernel",
                                                 "ramdisk",
                                                 "bootargs",
                                                 "weight",
                                                 "cap",
                                                 "on-reboot",
                                                 "on-crash",
                                                 "tee",
                                                 "tee-allow",
                                                 "tee-deny",
                                                 "tee-default",
                                                 "tee-max-sessions",
                                                 "tee-pinned-pages",
                                                 "tee-buffers",
                                                 "tee-calls",
                                                 "tee-mapped-pages",
                                                 "phandle"};

bool is_label(std::string_view text) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= max_label && std::ranges::all_of(text, allowed);
}

template <typename T>
struct Choice {
    std::string_view name;
    T value;
};

/// @return whether the property is absent, which leaves `value` alone, or one of the choices
template <typename T, std::size_t N>
bool choose(const DeviceNode& node, const char* property, const Choice<T> (&choices)[N], T& value) {
    if (!node.has(property)) {
        return true;
    }
    const auto text = node.text_property(property);
    for (const Choice<T>& choice : choices) {
        if (text && *text == choice.name) {
            value = choice.value;
            return true;
        }
    }
    return false;
}

} // namespace

std::nullopt_t VmParser::refuse(std::string_view property, std::string_view expected) {
    refused_.label = vm_.label.empty() ? node_.name() : vm_.label;
    const std::string_view text =
        format_to(refused_.text, "/chosen/trivisor/{}: {}: expected {}", node_.name(), property, expected);
    refused_.size = static_cast<u8>(text.size());
    return std::nullopt;
}

std::optional<VmDescription> VmParser::parse() {
    if (parse_identity() && parse_resources() && parse_cpus() && parse_files() && parse_share() && parse_policies() &&
        parse_tee()) {
        name_unknown_properties();
        return vm_;
    }
    return std::nullopt;
}

bool VmParser::parse_identity() {
    const auto label = node_.text_property("label");
    if (!label || !is_label(*label)) {
        refuse("label", "1 to 31 of a-z, 0-9 and -");
        return false;
    }
    vm_.label = *label;
    const auto index = node_.unit_address();
    if (!index || *index >= max_vms) {
        refuse("unit address", "an index from 0 to f");
        return false;
    }
    vm_.index = static_cast<unsigned>(*index);
    if (!node_.is_compatible("trivisor,vm")) {
        refuse("compatible", "trivisor,vm");
        return false;
    }
    return true;
}

bool VmParser::parse_resources() {
    const auto memory = node_.u64_property("memory-size");
    if (!memory || *memory == 0 || !is_aligned(*memory, memory_granule)) {
        refuse("memory-size", "64 bits, a multiple of 2 MiB");
        return false;
    }
    vm_.memory_size = *memory;
    const auto vcpus = node_.u32_property("vcpus");
    if (!vcpus || *vcpus == 0 || *vcpus > max_vcpus) {
        refuse("vcpus", "1 to 8");
        return false;
    }
    static_assert(max_vcpus == 8, "the text above says so");
    vm_.vcpus = *vcpus;
    return true;
}

bool VmParser::parse_cpus() {
    const auto cpus = node_.property("cpus");
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
        refuse("cpus", "the index of an existing CPU for each vCPU");
        return false;
    }
    vm_.pinned = true;
    return true;
}

bool VmParser::file(const char* property, std::optional<PaRange>& range) {
    const auto p = node_.property(property);
    if (!p) {
        return true;
    }
    const auto base = p->number(0, 2);
    const auto size = p->number(2, 2);
    const auto found = base && size && p->size() == 16 ? make_range(Pa(*base), *size) : fail(Error::Invalid);
    if (!found) {
        refuse(property, "64 bits of address and 64 bits of size");
        return false;
    }
    const bool in_ram = std::ranges::any_of(machine_.ram, [&](PaRange bank) { return bank.contains(*found); });
    const bool barred = std::ranges::any_of(
        machine_.reserved, [&](const ReservedRange& r) { return r.no_map && r.range.overlaps(*found); });
    if (!in_ram || barred) {
        refuse(property, "a range inside one bank of usable RAM");
        return false;
    }
    range = *found;
    return true;
}

bool VmParser::parse_files() {
    std::optional<PaRange> kernel;
    if (!file("kernel", kernel)) {
        return false;
    }
    if (!kernel) {
        refuse("kernel", "64 bits of address and 64 bits of size");
        return false;
    }
    vm_.kernel = *kernel;
    if (!file("ramdisk", vm_.ramdisk)) {
        return false;
    }
    if (!node_.has("bootargs")) {
        return true;
    }
    const auto bootargs = node_.text_property("bootargs");
    if (!bootargs || bootargs->size() > max_bootargs) {
        refuse("bootargs", "a string of at most 2047 bytes");
        return false;
    }
    static_assert(max_bootargs == 2047, "the text above says so");
    vm_.bootargs = *bootargs;
    return true;
}

bool VmParser::optional_u32(const char* property, u32 lowest, u32 highest, std::string_view expected, u32& value) {
    if (!node_.has(property)) {
        return true;
    }
    const auto found = node_.u32_property(property);
    if (!found || *found < lowest || *found > highest) {
        refuse(property, expected);
        return false;
    }
    value = *found;
    return true;
}

bool VmParser::parse_share() {
    static_assert(max_vcpus == 8, "the text below says so");
    return optional_u32("weight", 1, 10000, "1 to 10000", vm_.weight) &&
           optional_u32("cap", 0, 100 * max_vcpus, "0 to 800 percent of one CPU", vm_.cap);
}

bool VmParser::parse_policies() {
    static constexpr Choice<OnReboot> reboot[] = {
        {"restart", OnReboot::Restart}, {"stop", OnReboot::Stop}, {"halt-machine", OnReboot::HaltMachine}};
    static constexpr Choice<OnCrash> crash[] = {
        {"stop", OnCrash::Stop}, {"restart", OnCrash::Restart}, {"halt-machine", OnCrash::HaltMachine}};
    constexpr std::string_view expected = "restart, stop or halt-machine";
    if (!choose(node_, "on-reboot", reboot, vm_.on_reboot)) {
        refuse("on-reboot", expected);
        return false;
    }
    if (!choose(node_, "on-crash", crash, vm_.on_crash)) {
        refuse("on-crash", expected);
        return false;
    }
    return true;
}

bool VmParser::uuid_list(const char* property, std::span<const u8>& list) {
    const auto p = node_.property(property);
    if (!p) {
        return true;
    }
    if (p->size() % uuid_size != 0 || p->size() > max_tee_rules * uuid_size) {
        refuse(property, "at most 32 UUIDs of 16 bytes each");
        return false;
    }
    static_assert(max_tee_rules == 32, "the text above says so");
    list = p->bytes();
    return true;
}

bool VmParser::quota(const char* property, std::optional<u32>& value) {
    constexpr u32 most = 1U << 20;
    if (!node_.has(property)) {
        return true;
    }
    return optional_u32(property, 1, most, "1 to 1048576", value.emplace());
}

bool VmParser::parse_tee() {
    const auto flag = node_.property("tee");
    if (!flag) {
        return true;
    }
    if (flag->size() != 0) {
        refuse("tee", "no value");
        return false;
    }
    static constexpr Choice<bool> defaults[] = {{"allow", false}, {"deny", true}};
    Tee& tee = vm_.tee.emplace();
    if (!choose(node_, "tee-default", defaults, tee.deny_others)) {
        refuse("tee-default", "allow or deny");
        return false;
    }
    return uuid_list("tee-allow", tee.allow) && uuid_list("tee-deny", tee.deny) &&
           quota("tee-max-sessions", tee.max_sessions) && quota("tee-pinned-pages", tee.pinned_pages) &&
           quota("tee-buffers", tee.buffers) && quota("tee-calls", tee.calls) &&
           quota("tee-mapped-pages", tee.mapped_pages);
}

void VmParser::name_unknown_properties() {
    node_.for_each_property([&](std::string_view name) {
        if (std::ranges::find(known_properties, name) == std::end(known_properties)) {
            problems_.add("/chosen/trivisor/{}: {}: unknown property, ignored", node_.name(), name);
        }
    });
}

} // namespace trv::machine
