// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/virtio/bank.hpp"

#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/machine.hpp"
#include "guests/bare/lib/offsets.h"

#include <array>

extern "C" trv::u64 identity_map[512]; // start.S

namespace trv::bare::virtio {
namespace {

constexpr u64 block = 2 * MiB; // level 2
constexpr u64 table = 3;       // valid, a table
constexpr u64 never_execute = u64{3} << 53;

alignas(page_size) constinit std::array<u64, 512> first_gigabyte{};

} // namespace

bool map_bank() {
    const IpaRange bank = machine().bank;
    if (bank.empty()) {
        return false;
    }
    for (u64 i = 0; i < first_gigabyte.size(); ++i) {
        const Ipa address{i * block};
        first_gigabyte[i] = address.value | never_execute | (bank.contains(address) ? BLOCK_NORMAL : BLOCK_DEVICE);
    }
    // Another size of a valid entry: it is invalid in between [Arm ARM D8.16.1]. Nothing below 1 GiB is used meanwhile.
    identity_map[0] = 0;
    asm volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" ::: "memory");
    identity_map[0] = reinterpret_cast<u64>(first_gigabyte.data()) | table;
    asm volatile("dsb ish\n\tisb" ::: "memory");
    return true;
}

} // namespace trv::bare::virtio
