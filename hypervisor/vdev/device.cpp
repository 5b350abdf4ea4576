// SPDX-License-Identifier: Apache-2.0
#include "vdev/device.hpp"

#include <utility>

namespace trv::vdev {

Result<IpaRange> DeviceContext::map(u64 size, MmioDevice& registers) {
    IpaRange window{mapped_ < place_.windows.size() ? place_.windows[mapped_] : Ipa(0), size};
    ++mapped_;
    if (window.base == Ipa(0)) {
        if (size > free_.windows.size) {
            return fail(Error::OutOfRange);
        }
        window.base = free_.windows.base;
        free_.windows = {window.end(), free_.windows.size - size};
    }
    TRY(bus_.attach(window, registers));
    return window;
}

Result<Line> DeviceContext::line() {
    IntId intid = std::exchange(place_.interrupt, IntId());
    if (intid == IntId()) {
        if (free_.first_interrupt == free_.end_of_interrupts) {
            return fail(Error::OutOfRange);
        }
        intid = free_.first_interrupt;
        free_.first_interrupt = IntId(intid.value + 1);
    }
    return Line(interrupts_, intid);
}

} // namespace trv::vdev
