// SPDX-License-Identifier: Apache-2.0
#pragma once
// Addresses that a guest has no business to name.

#include "guest/layout.hpp"
#include "guests/bare/lib/machine.hpp"

#include <span>
#include <string_view>

namespace trv::bare::hostile {

struct ForbiddenAddress {
    std::string_view what;
    u64 address;
};

/// All are page-aligned. Those of real memory belong to others: physical addresses have no meaning in a VM.
inline constexpr ForbiddenAddress forbidden[] = {
    {"boot flash", 0x0400'0000},
    {"interrupt controller", guest::gicd_base.value},
    {"redistributor", guest::gicr_base.value},
    {"console", guest::console_base.value},
    {"agent port", guest::agent_base.value},
    {"stolen-time page", guest::stolen_time_base.value},
    {"secure memory", 0x0e10'0000},
    {"end of secure memory", 0x0eff'f000},
    {"hole", 0x2000'0000},
    {"below memory", 0x3fff'f000},
    {"arena", 0x4200'0000},
    {"end of arena", 0x421f'f000},
    {"hypervisor", 0x6000'0000},
    {"behind the hypervisor", 0x6020'0000},
    {"another VM", 0x5000'0000},
    {"another VM, higher", 0x7000'0000},
    {"another VM, highest", 0x8000'0000},
    {"end of physical memory", 0xbfff'f000},
    {"behind physical memory", 0xc000'0000},
    {"4 GiB", u64{1} << 32},
    {"beyond stage 2", u64{1} << 40},
    {"beyond every physical address", u64{1} << 52},
    {"own memory with bit 48", guest::ram_base.value | u64{1} << 48},
    {"own memory with bit 63", guest::ram_base.value | u64{1} << 63},
    {"kernel's half", 0xffff'8000'4000'0000},
    {"last page of all", ~u64{0} & ~(page_size - 1)},
};

/// The first address behind this VM's memory.
[[nodiscard]] inline u64 end_of_memory() {
    return machine().ram.end().value;
}

/// attack(body) for each of them and for the end of memory: body(what, address).
template <typename Body>
void for_each_forbidden(Body body) {
    for (const ForbiddenAddress& entry : forbidden) {
        body(entry.what, entry.address);
    }
    body(std::string_view("end of own memory"), end_of_memory());
}

} // namespace trv::bare::hostile
