#include "guests/bare/lib/console.hpp"

#include "vm/guest_layout.hpp"

namespace trv::bare {

const Uart& console() {
    static constexpr Uart uart(vm::guest_console_base.value);
    return uart;
}

} // namespace trv::bare
