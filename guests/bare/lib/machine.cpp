// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/machine.hpp"

#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/words.hpp"
#include "lib/device_tree/device_tree.hpp"

#include <span>

namespace trv::bare {
namespace {

constinit Machine this_machine{};

unsigned count_cpus(const DeviceTree& tree) {
    unsigned count = 0;
    if (const auto cpus = tree.find("/cpus")) {
        for (const DeviceNode node : cpus->children()) {
            count += node.base_name() == "cpu" ? 1 : 0;
        }
    }
    return count;
}

/// What devices reach is all that their bus does.
IpaRange read_bank(const DeviceTree& tree) {
    const auto bus = tree.find("/io-bus");
    const auto reach = bus ? bus->property("dma-ranges") : std::nullopt;
    if (!reach) {
        return {};
    }
    return {Ipa(reach->number(2, 2).value_or(0)), reach->number(4, 2).value_or(0)};
}

void read_memory(const DeviceTree& tree) {
    this_machine.bank = read_bank(tree);
    for (const DeviceNode node : tree.root().children()) {
        const auto range = node.base_name() == "memory" ? node.reg(tree.root(), 0) : fail(Error::NotFound);
        if (range && range->base.value != this_machine.bank.base.value && this_machine.ram.empty()) {
            this_machine.ram = {Ipa(range->base.value), range->size};
        }
    }
}

} // namespace

void read_machine(const void* device_tree) {
    const auto* const bytes = static_cast<const u8*>(device_tree);
    const auto size =
        DeviceTree::total_size(std::span<const u8, DeviceTree::header_size>(bytes, DeviceTree::header_size));
    const auto tree = size ? DeviceTree::open({bytes, *size}) : fail(size.error());
    if (!tree) {
        return;
    }
    this_machine.cpus = count_cpus(*tree);
    if (tree->find_compatible("arm,gic-400")) {
        gic::use_v2();
    }
    read_memory(*tree);
    if (const auto chosen = tree->find("/chosen")) {
        this_machine.bootargs = chosen->text_property("bootargs").value_or("");
    }
}

const Machine& machine() {
    return this_machine;
}

std::string_view option(std::string_view name) {
    std::string_view rest = this_machine.bootargs;
    while (!rest.empty()) {
        const std::string_view word = take_word(rest);
        if (word.starts_with(name) && word.substr(name.size()).starts_with('=')) {
            return word.substr(name.size() + 1);
        }
    }
    return {};
}

} // namespace trv::bare
