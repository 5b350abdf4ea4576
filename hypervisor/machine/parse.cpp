// SPDX-License-Identifier: Apache-2.0
#include "machine/parse.hpp"

#include "machine/parts.hpp"
#include "machine/problems.hpp"

#include <algorithm>

namespace trv::machine {

Result<void> parse(const DeviceTree& tree, std::span<const std::string_view> uarts, Machine& machine,
                   Problems& problems) {
    parse_memory(tree, machine, problems);
    parse_reserved(tree, machine, problems);
    parse_cpus(tree, machine, problems);
    parse_psci(tree, machine, problems);
    parse_gic(tree, machine, problems);
    parse_timer(tree, machine, problems);
    parse_pmu(tree, machine);
    parse_uart(tree, uarts, machine, problems);
    parse_rtc(tree, machine, problems);
    parse_optee(tree, machine, problems);
    parse_initrd(tree, machine, problems);
    parse_seed(tree, machine, problems);
    parse_vms(tree, ImagesInRam(machine), machine, problems);

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
    require(machine.gic.has_value(), "GIC (a node compatible with arm,gic-v3 or arm,gic-400)");
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

namespace {

/// A seed of zeros was used and zeroed, as the hypervisor does it: the tree was left by an earlier start and not
/// rebuilt.
bool is_erased(std::span<const u8> seed) {
    return std::ranges::all_of(seed, [](u8 byte) { return byte == 0; });
}

} // namespace

void parse_seed(const DeviceTree& tree, Machine& machine, Problems& problems) {
    const auto chosen = tree.root().child("chosen");
    const auto rng = chosen ? chosen->property("rng-seed") : std::nullopt;
    if (!rng || is_erased(rng->bytes())) {
        return;
    }
    if (rng->size() < min_rng_seed) {
        problems.add("/chosen: rng-seed: expected at least {} bytes, ignored", min_rng_seed);
        return;
    }
    Seed seed{.rng = rng->bytes().first(std::min(rng->size(), max_rng_seed)), .kaslr = {}};
    if (const auto kaslr = chosen->property("kaslr-seed")) {
        if (kaslr->size() == kaslr_seed_size) {
            seed.kaslr = kaslr->bytes();
        } else {
            problems.add("/chosen: kaslr-seed: expected {} bytes, ignored", kaslr_seed_size);
        }
    }
    machine.seed = seed;
}

} // namespace trv::machine
