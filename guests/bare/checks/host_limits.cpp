// SPDX-License-Identifier: Apache-2.0
// The limits of a VM that has all of the machine's devices: what stays the hypervisor's, other VMs' and the secure world's
// aborts, wherever it lies.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/machine.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

// Of QEMU's virt with 2 GiB.
constexpr IpaRange machine_ram{Ipa(0x4000'0000), 2 * GiB};

struct Place {
    std::string_view name;
    u64 address;
};
constexpr Place places[] = {
    {"the GIC's ITS", 0x0808'0000},          {"the redistributor of a CPU that the VM does not have", 0x080e'0000},
    {"the secure UART", 0x0904'0000},        {"the secure GPIO controller", 0x090b'0000},
    {"secure memory", 0x0e10'0000},          {"secure memory's end", 0x0eff'fff8},
    {"a hole between devices", 0x0b00'0000},
};

bool aborts(u64 address) {
    const auto read = probe_read<u64>(address);
    const auto write = probe_write<u64>(address, 0);
    return read && write && read->is_external_abort() && write->is_external_abort();
}

/// The hypervisor's image and heap, VMs' memory and images, what is free.
void check_all_other_ram() {
    constexpr u64 step = 256 * KiB;
    const IpaRange& own = machine().ram;
    unsigned probed = 0;
    for (Ipa at = machine_ram.base; at < machine_ram.end(); at += step) {
        if (own.contains(at)) {
            continue;
        }
        ++probed;
        if (!aborts(at.value)) {
            std::array<char, 64> why;
            fail_because("RAM that is not this VM's aborts", format_to(why, "{} does not", hex(at.value)));
            return;
        }
    }
    check("RAM that is not this VM's aborts", probed >= (machine_ram.size - own.size) / step, "{} places", probed);
}

} // namespace

void host_limits(std::string_view) {
    for (const Place& place : places) {
        check(place.name, aborts(place.address), "{} does not abort", hex(place.address));
    }
    const u64 end = machine().ram.end().value;
    check("the last word of memory does not", !aborts(end - 8), "it does");
    check("the word behind memory", aborts(end), "{} does not abort", hex(end));
    check_all_other_ram();
}

} // namespace trv::bare::checks
