// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which CPU it is: MIDR_EL1 [Arm ARM D24.2.102]. Portable.

#include "lib/types.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

namespace trv::arch {

/// Implementer and part number, as they lie in MIDR_EL1, with its Architecture field of all ones.
enum class CpuModel : u32 {
    CortexA35 = 0x410f'd040,
    CortexA510 = 0x410f'd460,
    CortexA520 = 0x410f'd800,
    CortexA53 = 0x410f'd030,
    CortexA55 = 0x410f'd050,
    CortexA57 = 0x410f'd070,
    CortexA710 = 0x410f'd470,
    CortexA715 = 0x410f'd4d0,
    CortexA72 = 0x410f'd080,
    CortexA720 = 0x410f'd810,
    CortexA73 = 0x410f'd090,
    CortexA75 = 0x410f'd0a0,
    CortexA76 = 0x410f'd0b0,
    CortexA76ae = 0x410f'd0e0,
    CortexA77 = 0x410f'd0d0,
    CortexA78 = 0x410f'd410,
    CortexA78ae = 0x410f'd420,
    CortexA78c = 0x410f'd4b0,
    CortexX1 = 0x410f'd440,
    CortexX1c = 0x410f'd4c0,
    CortexX2 = 0x410f'd480,
    CortexX3 = 0x410f'd4e0,
    CortexX4 = 0x410f'd820,
    CortexX925 = 0x410f'd850,
    NeoverseN1 = 0x410f'd0c0,
    NeoverseN2 = 0x410f'd490,
    NeoverseV1 = 0x410f'd400,
    NeoverseV2 = 0x410f'd4f0,
    NeoverseV3 = 0x410f'd840,
    NeoverseV3ae = 0x410f'd830,
    BrahmaB53 = 0x420f'1000,
    TaiShanV110 = 0x480f'd010,
    Kryo2xxSilver = 0x510f'8010,
    Kryo3xxSilver = 0x510f'8030,
    Kryo4xxGold = 0x510f'8040,
    Kryo4xxSilver = 0x510f'8050,
    Ampere1 = 0xc00f'ac30,
};

[[nodiscard]] constexpr CpuModel model_of(u64 midr) {
    constexpr u32 variant_and_revision = 0x00f0'000f;
    return static_cast<CpuModel>(static_cast<u32>(midr) & ~variant_and_revision);
}

/// rXpY as one number that can be compared.
[[nodiscard]] constexpr unsigned revision(unsigned r, unsigned p) {
    return r << 4 | p;
}
[[nodiscard]] constexpr unsigned revision_of(u64 midr) {
    return revision(static_cast<unsigned>(midr >> 20 & 0xf), static_cast<unsigned>(midr & 0xf));
}

/// A model's revisions from `first` to `last`, both included.
struct CpuRange {
    CpuModel model;
    unsigned first = 0;
    unsigned last = revision(15, 15);

    [[nodiscard]] constexpr bool has(u64 midr) const {
        return model_of(midr) == model && revision_of(midr) >= first && revision_of(midr) <= last;
    }
};

[[nodiscard]] constexpr bool is_among(u64 midr, std::span<const CpuModel> models) {
    return std::ranges::find(models, model_of(midr)) != models.end();
}

} // namespace trv::arch
