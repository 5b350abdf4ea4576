// SPDX-License-Identifier: Apache-2.0
#pragma once
// The registers of one virtio-mmio device [virtio 1.3, 4.2.2].

#include "contract/virtio.hpp"
#include "guests/bare/lib/hardware/mmio.hpp"

namespace trv::bare::virtio {

namespace reg {
inline constexpr u64 device_id = 0x008;
inline constexpr u64 device_features = 0x010;
inline constexpr u64 device_features_select = 0x014;
inline constexpr u64 driver_features = 0x020;
inline constexpr u64 driver_features_select = 0x024;
inline constexpr u64 queue_select = 0x030;
inline constexpr u64 queue_size_max = 0x034;
inline constexpr u64 queue_size = 0x038;
inline constexpr u64 queue_ready = 0x044;
inline constexpr u64 queue_notify = 0x050;
inline constexpr u64 interrupt_status = 0x060;
inline constexpr u64 interrupt_acknowledge = 0x064;
inline constexpr u64 status = 0x070;
inline constexpr u64 queue_descriptors = 0x080; ///< 64 bits, as the next two
inline constexpr u64 queue_driver = 0x090;
inline constexpr u64 queue_device = 0x0a0;
inline constexpr u64 config = 0x100;
} // namespace reg

// The status [virtio 1.3, 2.1]
inline constexpr u32 acknowledge = 1;
inline constexpr u32 driver = 2;
inline constexpr u32 driver_ok = 4;
inline constexpr u32 features_ok = 8;
inline constexpr u32 failed = 128;
inline constexpr u32 before_features = acknowledge | driver;
inline constexpr u32 ready = before_features | features_ok | driver_ok;

/// Without these the hypervisor takes no driver.
inline constexpr u64 confined = contract::virtio::version_1 | contract::virtio::access_platform;

/// Where a queue's parts are.
struct Parts {
    u64 descriptors = 0;
    u64 available = 0;
    u64 used = 0;
};

class Device {
  public:
    explicit constexpr Device(unsigned slot)
        : base_(contract::virtio::first_slot + slot * contract::virtio::slot_size) {}

    [[nodiscard]] u64 base() const { return base_; }
    [[nodiscard]] u32 read(u64 offset) const { return mmio_read<u32>(base_ + offset); }
    void write(u64 offset, u32 value) const { mmio_write<u32>(base_ + offset, value); }

    [[nodiscard]] u32 status() const { return read(reg::status); }
    void set_status(u32 value) const { write(reg::status, value); }
    /// Returns when the backend uses none of the memory any more.
    void reset() const { set_status(0); }
    [[nodiscard]] u64 offered() const;
    /// From a reset to FEATURES_OK. @return whether the device accepts them
    [[nodiscard]] bool accept(u64 features) const;
    /// Sets queue 0 up. @return whether it is ready then
    [[nodiscard]] bool set_queue(const Parts& parts, u32 size) const;
    void kick(u32 queue = 0) const { write(reg::queue_notify, queue); }

  private:
    void write_wide(u64 offset, u64 value) const;

    u64 base_;
};

} // namespace trv::bare::virtio
