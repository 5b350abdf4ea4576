// SPDX-License-Identifier: Apache-2.0
#include "vdev/mmio_bus.hpp"

#include <algorithm>
#include <span>

namespace trv::vdev {
namespace {

/// Whether the window lies below the address as a whole.
bool ends_before(const MmioBus::Window& window, Ipa address) {
    return window.range.end() <= address;
}

} // namespace

Result<void> MmioBus::attach(IpaRange window, MmioDevice& device) {
    if (count_ == max_windows) {
        return fail(Error::TooMany);
    }
    const auto end = windows_.begin() + count_;
    const auto place = std::lower_bound(windows_.begin(), end, window.base, ends_before);
    if (place != end && place->range.overlaps(window)) {
        return fail(Error::AlreadyMapped);
    }
    std::move_backward(place, end, end + 1);
    *place = {window, &device};
    ++count_;
    return {};
}

bool MmioBus::has_window_in(IpaRange range) const {
    for (const Window& window : windows_) {
        if (window.range.overlaps(range)) {
            return true;
        }
    }
    return false;
}

const MmioBus::Window* MmioBus::search(Ipa address, unsigned vcpu) {
    const auto end = windows_.begin() + count_;
    const auto place = std::lower_bound(windows_.begin(), end, address, ends_before);
    if (place == end || !place->range.contains(address)) {
        return nullptr;
    }
    last_[vcpu].store(static_cast<u8>(place - windows_.begin()), std::memory_order_relaxed);
    return &*place;
}

} // namespace trv::vdev
