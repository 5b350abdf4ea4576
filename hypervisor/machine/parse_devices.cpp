// SPDX-License-Identifier: Apache-2.0
#include "lib/checked.hpp"
#include "machine/parse.hpp"
#include "machine/parts.hpp"

#include <algorithm>
#include <array>

namespace trv::machine {
namespace {

/// `linux,initrd-start` and `-end` are written with one cell by some boot loaders and with two by others.
Result<u64> any_width(const DeviceNode& node, const char* name) {
    const auto value = node.property(name);
    if (!value) {
        return fail(Error::NotFound);
    }
    if (value->size() != 4 && value->size() != 8) {
        return fail(Error::Invalid);
    }
    return value->number(0, static_cast<unsigned>(value->cells()));
}

/// The first range of the /reserved-memory child of that name.
std::optional<PaRange> reserved_by_name(const DeviceTree& tree, std::string_view base_name) {
    const auto parent = tree.root().child("reserved-memory");
    if (!parent) {
        return std::nullopt;
    }
    for (const DeviceNode node : parent->children()) {
        if (node.base_name() == base_name && node.is_enabled()) {
            const auto range = tree.translated_reg(node, 0);
            return range ? std::optional(*range) : std::nullopt;
        }
    }
    return std::nullopt;
}

void report_uart_without_driver(std::string_view node, std::span<const std::string_view> drivers, Problems& problems) {
    std::array<char, 96> names;
    std::size_t used = 0;
    for (const std::string_view name : drivers) {
        used += format_to(std::span(names).subspan(used), "{}{}", used == 0 ? "" : ", ", name).size();
    }
    problems.add("{}: stdout-path names a UART without driver, so no console; drivers exist for {}", node,
                 std::string_view(names.data(), used));
}

} // namespace

void parse_uart(const DeviceTree& tree, std::span<const std::string_view> drivers, Machine& machine,
                Problems& problems) {
    const auto chosen = tree.root().child("chosen");
    const auto property = chosen ? chosen->property("stdout-path") : std::nullopt;
    if (!property) {
        problems.add("/chosen: no stdout-path, so no console");
        return;
    }
    const auto path = property->text();
    // The UART's settings follow a colon; firmware has applied them.
    const auto node = path ? tree.find(path->substr(0, path->find(':'))) : std::nullopt;
    if (!node || !node->is_enabled()) {
        problems.add("/chosen: stdout-path does not name an enabled node");
        return;
    }
    const auto driver = std::ranges::find_if(drivers, [&](std::string_view name) { return node->is_compatible(name); });
    if (driver == drivers.end()) {
        report_uart_without_driver(node->name(), drivers, problems);
        return;
    }
    const auto registers = tree.translated_reg(*node, 0);
    if (!registers || !registers->base.is_aligned(page_size)) {
        problems.add("{}: reg is not a page-aligned range", node->name());
        return;
    }
    Uart uart{.compatible = *driver, .registers = *registers, .intid = std::nullopt};
    if (const auto intid = interrupt(tree, *node, 0)) {
        uart.intid = *intid;
    }
    machine.uart = uart;
}

void parse_rtc(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const auto node = tree.find_compatible("arm,pl031");
    if (!node) {
        return;
    }
    const auto registers = tree.translated_reg(*node, 0);
    if (!registers || !registers->base.is_aligned(page_size)) {
        problems.add("{}: reg is not a page-aligned range; VMs do not learn the date", node->name());
        return;
    }
    machine.rtc = Rtc{.registers = *registers};
}

void parse_optee(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const auto firmware = tree.root().child("firmware");
    const auto node = firmware ? firmware->child("optee") : std::nullopt;
    if (!node || !node->is_compatible("linaro,optee-tz") || !node->is_enabled()) {
        return;
    }
    const auto method = node->text_property("method");
    if (!method || (*method != "smc" && *method != "hvc")) {
        problems.add("/firmware/optee: method is neither smc nor hvc, ignored");
        return;
    }
    Optee optee{.smc = *method == "smc",
                .notification_intid = std::nullopt,
                .shared_memory = reserved_by_name(tree, "optee_shm")};
    if (const auto intid = interrupt(tree, *node, 0)) {
        optee.notification_intid = *intid;
    }
    machine.optee = optee;
}

void parse_initrd(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const auto chosen = tree.root().child("chosen");
    if (!chosen || !chosen->has("linux,initrd-start")) {
        return;
    }
    const auto start = any_width(*chosen, "linux,initrd-start");
    const auto end = any_width(*chosen, "linux,initrd-end");
    if (!start || !end || *end <= *start) {
        problems.add("/chosen: linux,initrd-start and linux,initrd-end are not a valid range");
        return;
    }
    machine.initrd = PaRange{Pa(*start), *end - *start};
}

} // namespace trv::machine
