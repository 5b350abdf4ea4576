// SPDX-License-Identifier: Apache-2.0
// Arbitrary device trees of machines: what a host VM would get is never the hypervisor's, the secure world's or RAM, what
// is emulated collides with nothing, and the host's tree is well-formed. Inputs are patches to QEMU's tree.

#include "../../unit/hypervisor/dts.hpp"
#include "../../unit/hypervisor/guest/qemu_virt_tree.hpp"
#include "drivers/uart.hpp"
#include "guest/host_resources.hpp"
#include "guest/host_tree.hpp"
#include "machine/parse.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace trv;
using namespace trv::guest;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check_resources(const HostFilter& filter, const machine::Machine& machine, const HostResources& resources) {
    for (const PaRange& range : resources.devices) {
        require(!range.empty() && range.base.is_aligned(page_size) && range.size % page_size == 0);
        require(range.end() > range.base);
        const auto overlaps = [&](PaRange other) { return other.overlaps(range); };
        require(std::ranges::none_of(machine.ram, overlaps));
        require(std::ranges::none_of(filter.denied(), overlaps));
        require(!overlaps({Pa(resources.layout.agent.value), uart_size}));
        require(!overlaps({Pa(resources.layout.stolen_time.value), page_size}));
        require(!overlaps({Pa(resources.layout.free.base.value), resources.layout.free.size}));
        require(std::ranges::count_if(resources.devices, overlaps) == 1);
    }
    for (u32 intid = 0; intid < 1024; ++intid) {
        if (resources.interrupts.has(IntId(intid))) {
            require(IntId(intid).is_spi() && !filter.is_own_interrupt(IntId(intid)));
            require(intid != resources.layout.agent_intid && intid != resources.layout.optee_intid);
        }
    }
    for (const PaRange& pool : resources.pools) {
        require(std::ranges::any_of(machine.ram, [&](PaRange bank) { return bank.contains(pool); }));
    }
}

void build(const HostFilter& filter, const HostResources& resources) {
    static constexpr IpaRange ram{Ipa(0x8000'0000), GiB};
    TreeInput input;
    input.bootargs = "quiet";
    input.ram = std::span(&ram, 1);
    std::vector<u64> words(host_tree_room(filter.tree()) / 8);
    const std::span<u8> buffer(reinterpret_cast<u8*>(words.data()), words.size() * 8);
    const auto size = build_host_tree(buffer, filter, resources.layout, input, [](TreeWriter&) {});
    require(!size || DeviceTree::open(buffer.first(*size)).has_value());
}

void play(std::span<const u8> blob) {
    const auto tree = DeviceTree::open(blob);
    if (!tree) {
        return;
    }
    const auto machine = std::make_unique<machine::Machine>();
    machine::Problems problems;
    if (!machine::parse(*tree, drivers::uart_compatibles(), *machine, problems)) {
        return;
    }
    const auto filter = HostFilter::create(*tree, *machine);
    const auto resources = std::make_unique<HostResources>();
    if (!filter || !collect(*filter, *machine, *resources)) {
        return;
    }
    check_resources(*filter, *machine, *resources);
    build(*filter, *resources);
}

std::vector<u8> sound_tree() {
    test::Dts dts(std::string("/ {") + test::qemu_virt_tree + "};");
    const std::span<u8> bytes = dts.bytes();
    return {bytes.begin(), bytes.end()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    static const std::vector<u8> sound = sound_tree();
    // In a block of its own, so that the sanitizer sees the first byte read behind it.
    std::vector<u64> words((sound.size() + 7) / 8);
    u8* const patched = reinterpret_cast<u8*>(words.data());
    std::memcpy(patched, sound.data(), sound.size());
    for (std::size_t i = 0; i + 3 <= size; i += 3) {
        patched[static_cast<std::size_t>(data[i] << 8 | data[i + 1]) % sound.size()] = data[i + 2];
    }
    play({patched, sound.size()});
    return 0;
}
