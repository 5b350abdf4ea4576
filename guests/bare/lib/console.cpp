#include "guests/bare/lib/console.hpp"

#include "guests/bare/lib/machine.hpp"
#include "vm/guest_layout.hpp"

namespace trv::bare {
namespace {

/// CONSOLEIO_write [Xen, public/xen.h, public/arch-arm.h: number in x16, arguments from x0 on, HVC 0xea1].
void write_to_xen(std::string_view text) {
    const u64 text_size = text.size(); // no call may come between the registers
    const char* const text_bytes = text.data();
    register u64 command asm("x0") = 0;
    register u64 size asm("x1") = text_size;
    register const char* bytes asm("x2") = text_bytes;
    register u64 number asm("x16") = 18;
    asm volatile("hvc #0xea1" : "+r"(command), "+r"(size), "+r"(bytes), "+r"(number) : : "x3", "x4", "x17", "memory");
}

} // namespace

bool is_below_xen() {
    return option("console") == "xen";
}

const Uart& console() {
    static constexpr Uart uart(vm::guest_console_base.value);
    return uart;
}

void put_text(std::string_view text) {
    if (is_below_xen()) {
        write_to_xen(text);
    } else {
        console().put(text);
    }
}

void settle_console() {
    if (!is_below_xen()) {
        console().settle();
    }
}

} // namespace trv::bare
