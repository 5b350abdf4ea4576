// Addresses where the VM has nothing: an access there aborts, and the guest goes on.

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
    std::array<char, 96> name;
    check_external_abort(format_to(name, "reading {} aborts", place.name), probe_read<u32>(place.address),
                         place.address);
    check_external_abort(format_to(name, "writing {} aborts", place.name), probe_write<u64>(place.address, 0),
                         place.address);
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
    }
    const auto jump = probe_execute(0x0900'0000);
    check("code on a device does not run",
          jump && jump->exception_class() == arch::ExceptionClass::InstructionAbortSame, "ESR {}",
          hex(jump ? jump->syndrome : 0));
}

} // namespace trv::bare::checks
