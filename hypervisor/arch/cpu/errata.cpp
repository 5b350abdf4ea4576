// SPDX-License-Identifier: Apache-2.0
#include "arch/cpu/errata.hpp"

#include "arch/cpu/cpu_model.hpp"

#include <algorithm>
#include <iterator>

namespace trv::arch {
namespace {

using enum CpuModel;

// Arm's Software Developer Errata Notices. Cortex-A76 1286807 (to r3p0), Cortex-A55 2441007, Cortex-A510 2441009 (to
// r1p1); Kryo 4xx Gold is a Cortex-A76 with a numbering of its own. The rest is CVE-2025-10263 (4118414 of Cortex-X4,
// 4193800 of Neoverse N1, and so on).
constexpr CpuRange needs_two_tlbis[] = {
    {CortexA510, 0, revision(1, 1)},
    {Kryo4xxGold, revision(12, 14), revision(15, 14)},
    {CortexA55},
    {CortexA710},
    {CortexA76},
    {CortexA76ae},
    {CortexA77},
    {CortexA78},
    {CortexA78ae},
    {CortexA78c},
    {CortexX1},
    {CortexX1c},
    {CortexX2},
    {CortexX3},
    {CortexX4},
    {CortexX925},
    {NeoverseN1},
    {NeoverseN2},
    {NeoverseV1},
    {NeoverseV2},
    {NeoverseV3},
    {NeoverseV3ae},
};

constexpr GuestHazard cortex_a57[] = {
    {"Cortex-A57 cores up to r1p2", 832075,
     "a guest that mixes exclusive or acquiring loads with loads from devices can hang the CPU"},
    {"Cortex-A57 cores up to r1p2", 834220,
     "a guest's own translation fault can be reported as one of its memory map's"}};
constexpr GuestHazard cortex_a77[] = {{"Cortex-A77 cores up to r1p0", 1508412,
                                       "a guest that mixes exclusive stores with loads from devices can hang the CPU"}};

} // namespace

bool repeats_tlbi(u64 midr) {
    return std::ranges::any_of(needs_two_tlbis, [midr](const CpuRange& range) { return range.has(midr); });
}

std::span<const GuestHazard> guest_hazards(u64 midr) {
    if (CpuRange{CortexA57, 0, revision(1, 2)}.has(midr)) {
        return cortex_a57;
    }
    if (CpuRange{CortexA77, 0, revision(1, 0)}.has(midr)) {
        return cortex_a77;
    }
    return {};
}

} // namespace trv::arch
