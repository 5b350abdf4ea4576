// SPDX-License-Identifier: Apache-2.0
// Addresses outside the VM's memory and devices: an access aborts, and the guest continues.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/lib/machine.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

struct Place {
    std::string_view name;
    u64 address;
};

void check_place(const Place& place) {
    constexpr u64 write_not_read = 1 << 6;
    std::array<char, 96> name;
    const auto read = probe_read<u32>(place.address);
    check_external_abort(format_to(name, "reading {} aborts", place.name), read, place.address);
    const auto write = probe_write<u64>(place.address, 0);
    check_external_abort(format_to(name, "writing {} aborts", place.name), write, place.address);
    check(format_to(name, "the syndromes for {} say which was the write", place.name),
          read && write && (read->syndrome & write_not_read) == 0 && (write->syndrome & write_not_read) != 0,
          "ESR {} and {}", hex(read ? read->syndrome : 0), hex(write ? write->syndrome : 0));
}

/// A fetch from where stage 1 lets code run and the VM has no memory.
void check_fetch(const Place& place) {
    std::array<char, 96> name;
    const auto fault = probe_execute(place.address);
    check(format_to(name, "executing {} aborts", place.name),
          fault && fault->is_external_fetch_abort() && fault->address == place.address && fault->pc == place.address,
          "ESR {} FAR {} ELR {} for address {}", hex(fault ? fault->syndrome : 0), hex(fault ? fault->address : 0),
          hex(fault ? fault->pc : 0), hex(place.address));
}

/// Where QEMU's virt machine, on which the hypervisor runs, has something that is not the guest's.
constexpr Place places[] = {
    {"address 0", 0x0},
    {"secure flash", 0x0000'1000},
    {"the GIC's ITS", 0x0808'0000},
    {"the firmware configuration device", 0x0902'0000},
    {"the real-time clock", 0x0901'0000},
    {"the GPIO controller", 0x0903'0000},
    {"the secure UART", 0x0904'0000},
    {"a virtio device", 0x0a00'3e00},
    {"secure memory", 0x0e10'0000},
    {"secure memory's end", 0x0eff'fff8},
    {"PCIe's memory", 0x1000'0000},
    {"PCIe's configuration space", 0x40'1000'0000},
    {"the last address that EL1 translates", 0x7f'ffff'fff8},
};

/// The hypervisor's image, which lies behind the memory that a small VM believes to have.
constexpr u64 hypervisor_image = 0x6000'0000;

/// Beyond the first GiB, in which this guest's own tables let nothing be executed.
constexpr Place executable_places[] = {
    {"PCIe's configuration space", 0x40'1000'0000},
    {"the last address that EL1 translates", 0x7f'ffff'fffc},
};

} // namespace

void memory(std::string_view) {
    const auto& ram = machine().ram;
    check_no_fault("the last word of memory can be read", probe_read<u64>(ram.end().value - 8));
    check_no_fault("the last word of memory can be written", probe_write<u64>(ram.end().value - 8, 1));
    for (const Place& place : places) {
        check_place(place);
    }
    check_place({"the word behind memory", ram.end().value});
    if (ram.end().value <= hypervisor_image) {
        check_place({"the hypervisor's image", hypervisor_image});
        check_fetch({"the hypervisor's image", hypervisor_image});
    }
    check_fetch({"the word behind memory", ram.end().value});
    for (const Place& place : executable_places) {
        check_fetch(place);
    }
    const auto jump = probe_execute(0x0900'0000);
    check("code on a device does not run",
          jump && jump->exception_class() == arch::ExceptionClass::InstructionAbortSame, "ESR {}",
          hex(jump ? jump->syndrome : 0));
}

} // namespace trv::bare::checks
