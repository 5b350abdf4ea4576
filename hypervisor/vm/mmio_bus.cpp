// SPDX-License-Identifier: Apache-2.0
#include "vm/mmio_bus.hpp"

namespace trv::vm {

Result<void> MmioBus::attach(IpaRange window, vdev::MmioDevice& device) {
    if (count_ == max_windows) {
        return fail(Error::TooMany);
    }
    for (unsigned i = 0; i < count_; ++i) {
        if (windows_[i].range.overlaps(window)) {
            return fail(Error::AlreadyMapped);
        }
    }
    windows_[count_++] = {window, &device};
    return {};
}

Result<MmioBus::Target> MmioBus::find(Ipa address, u8 size) const {
    if (!address.is_aligned(size)) {
        return fail(Error::Misaligned);
    }
    for (unsigned i = 0; i < count_; ++i) {
        if (windows_[i].range.contains(
                address)) { // windows are page-aligned: an aligned access never straddles their end
            return Target{*windows_[i].device, address - windows_[i].range.base};
        }
    }
    return fail(Error::NotFound);
}

} // namespace trv::vm
