// SPDX-License-Identifier: Apache-2.0
#include "machine/parse.hpp"

#include "machine/parts.hpp"
#include "machine/problems.hpp"

namespace trv::machine {

Result<void> parse(const DeviceTree& tree, std::span<const std::string_view> uarts, Machine& machine,
                   Problems& problems) {
    parse_memory(tree, machine, problems);
    parse_reserved(tree, machine, problems);
    parse_cpus(tree, machine, problems);
    parse_psci(tree, machine, problems);
    parse_gic(tree, machine, problems);
    parse_timer(tree, machine, problems);
    parse_uart(tree, uarts, machine, problems);
    parse_rtc(tree, machine, problems);
    parse_optee(tree, machine, problems);
    parse_initrd(tree, machine, problems);
    parse_seed(tree, machine, problems);
    parse_vms(tree, machine, problems);

    bool complete = true;
    const auto require = [&](bool there, std::string_view what) {
        if (!there) {
            problems.add("the device tree has no usable {}", what);
            complete = false;
        }
    };
    require(!machine.ram.empty(), "memory");
    require(!machine.cpus.empty(), "CPU");
    require(machine.psci.has_value(), "PSCI (a node compatible with arm,psci-0.2 or later)");
    require(machine.gic.has_value(), "GICv3 (a node compatible with arm,gic-v3)");
    if (!complete) {
        return fail(Error::NotFound);
    }
    return {};
}

void Problems::add_line(std::string_view line) {
    if (line.size() + 1 > text_.size() - used_) {
        ++dropped_;
        return;
    }
    for (const char c : line) {
        // Names in the tree are foreign: make sure that one problem is one line of printable text.
        text_[used_++] = c >= ' ' && c <= '~' ? c : '?';
    }
    text_[used_++] = '\n';
}

} // namespace trv::machine
