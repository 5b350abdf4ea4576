// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/machine.hpp"

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
    if (const auto memory = tree->find("/memory")) {
        if (const auto range = memory->reg(tree->root(), 0)) {
            this_machine.ram = {Ipa(range->base.value), range->size};
        }
    }
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
