// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.hpp"

#include <algorithm>

namespace trv::machine {
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
