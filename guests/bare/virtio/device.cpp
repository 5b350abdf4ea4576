// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/virtio/device.hpp"

namespace trv::bare::virtio {

u64 Device::offered() const {
    u64 features = 0;
    for (u32 part = 0; part < 2; ++part) {
        write(reg::device_features_select, part);
        features |= u64{read(reg::device_features)} << (32 * part);
    }
    return features;
}

bool Device::accept(u64 features) const {
    reset();
    set_status(acknowledge);
    set_status(before_features);
    for (u32 part = 0; part < 2; ++part) {
        write(reg::driver_features_select, part);
        write(reg::driver_features, static_cast<u32>(features >> (32 * part)));
    }
    set_status(before_features | features_ok);
    return (status() & features_ok) != 0;
}

void Device::write_wide(u64 offset, u64 value) const {
    write(offset, static_cast<u32>(value));
    write(offset + 4, static_cast<u32>(value >> 32));
}

bool Device::set_queue(const Parts& parts, u32 size) const {
    write(reg::queue_select, 0);
    write(reg::queue_size, size);
    write_wide(reg::queue_descriptors, parts.descriptors);
    write_wide(reg::queue_driver, parts.available);
    write_wide(reg::queue_device, parts.used);
    write(reg::queue_ready, 1);
    return read(reg::queue_ready) == 1;
}

} // namespace trv::bare::virtio
