// SPDX-License-Identifier: Apache-2.0
#pragma once
// The registers of one virtio-mmio device of version 2 [virtio 1.3, 4.2.2], whose backend is a program of the host. They
// are passive: the program gives features and configuration before, and learns of queues and notifications. No code here
// looks into the guest's rings.

#include "contract/virtio.hpp"
#include "lib/heap_array.hpp"
#include "lib/result.hpp"
#include "lib/types.hpp"

#include <span>

namespace trv::vdev {

/// Callers serialise. All values from the guest and from the program are anything.
class VirtioSlot {
  public:
    static constexpr u64 queue_notify = 0x050;
    static constexpr u64 config_space = 0x100;

    /// What an access was, beyond the register.
    struct Effect {
        bool news = false;  ///< for the program
        bool waits = false; ///< the access ends when the program has stopped the device
    };

    // The driver's side.

    /// A register of 32 bits. @param offset below config_space
    [[nodiscard]] u32 read(u64 offset) const;
    /// @param bank where queues may be
    Effect write(u64 offset, u32 value, IpaRange bank);
    /// QueueNotify. @return whether that is news
    bool kick(u32 queue) {
        const u32 bit = u32{1} << (queue % contract::virtio::most_queues);
        const bool is_new = (kickable_ & bit & ~events_.kicks) != 0 && queue < contract::virtio::most_queues;
        events_.kicks |= is_new ? bit : 0;
        return is_new;
    }
    /// Of the configuration. @param offset in it, of an aligned access of 1, 2, 4 or 8 bytes
    [[nodiscard]] u64 read_config(u64 offset, unsigned size) const;
    Effect write_config(u64 offset, unsigned size, u64 value);
    [[nodiscard]] bool is_asserted() const { return interrupts_ != 0; }

    // The program's side.

    [[nodiscard]] bool is_empty() const { return id_ == 0; }
    /// @param insisted features that are offered beside the device's, and that the driver has to accept
    /// @return Error::Busy if it is not empty, or has a driver, or is stopping; Error::OutOfRange for what it says,
    ///         Error::NoMemory
    [[nodiscard]] Result<void> put(const contract::virtio::Device& device, u64 insisted);
    [[nodiscard]] bool has_events() const { return (events_.kicks | events_.changes) != 0; }
    [[nodiscard]] contract::virtio::SlotEvents take_events() { return std::exchange(events_, {}); }
    void tell(contract::virtio::State& state) const;
    /// It has used buffers.
    void ring() { interrupts_ |= is_live_ ? used_buffer : 0; }
    /// It does not work any more, until a reset.
    void set_failed();
    /// @return Error::NotFound if it is empty, Error::OutOfRange for another size
    [[nodiscard]] Result<void> configure(std::span<const u8> config);

    // The end of what its driver began.

    /// As a reset by the driver, but nothing waits for its end. @return whether that is news
    bool reset();
    [[nodiscard]] bool is_stopping() const { return is_stopping_; }
    /// It is stopping, and a driver or kernel waits for that.
    [[nodiscard]] bool is_awaited() const { return is_stopping_ && !is_given_up_; }
    /// The program uses none of the driver's memory any more.
    void stopped() { is_stopping_ = is_given_up_ = false; }
    /// No driver waits for that any longer.
    void give_up() { is_given_up_ = is_stopping_; }

  private:
    using Queue = contract::virtio::Queue;
    static constexpr u32 used_buffer = 1;
    static constexpr u32 configuration_change = 2;

    [[nodiscard]] Queue* selected();
    [[nodiscard]] const Queue* selected() const { return const_cast<VirtioSlot*>(this)->selected(); }
    Effect write_status(u32 value);
    void write_queue(u64 offset, u32 value, IpaRange bank);
    [[nodiscard]] bool accepts_features() const;
    [[nodiscard]] bool has_driver() const;
    Result<void> take_out();
    Result<void> put_in(const contract::virtio::Device& device, u64 insisted);

    // From the program.
    u32 id_ = 0;
    u32 queue_size_ = 0;
    u32 config_size_ = 0;
    u32 generation_ = 0;
    u64 offered_ = 0;
    u64 insisted_ = 0; ///< of them
    std::array<u8, contract::virtio::largest_config> config_{};

    // From the driver.
    u32 status_ = 0;
    u32 device_features_part_ = 0;
    u32 driver_features_part_ = 0;
    u32 queue_ = 0; ///< selected
    u64 accepted_ = 0;
    u32 interrupts_ = 0;
    u32 kickable_ = 0; ///< a bit for each queue that is ready, once the driver is
    HeapArray<Queue> queues_;

    contract::virtio::SlotEvents events_;
    bool is_live_ = false;     ///< the driver has set DRIVER_OK: the program may be using queues
    bool is_stopping_ = false; ///< it was live, and the program may still be
    bool is_given_up_ = false;
};

} // namespace trv::vdev
