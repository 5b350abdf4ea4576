// SPDX-License-Identifier: Apache-2.0
#include "vdev/virtio/slot.hpp"

#include "arch/cpu/nospec.hpp"

#include <algorithm>
#include <bit>

namespace trv::vdev {
namespace {

namespace virtio = contract::virtio;

// Registers [virtio 1.3, 4.2.2]
constexpr u64 magic_value = 0x000;
constexpr u64 version = 0x004;
constexpr u64 device_id = 0x008;
constexpr u64 vendor_id = 0x00c;
constexpr u64 device_features = 0x010;
constexpr u64 device_features_select = 0x014;
constexpr u64 driver_features = 0x020;
constexpr u64 driver_features_select = 0x024;
constexpr u64 queue_select = 0x030;
constexpr u64 queue_size_max = 0x034;
constexpr u64 queue_size = 0x038;
constexpr u64 queue_ready = 0x044;
constexpr u64 interrupt_status = 0x060;
constexpr u64 interrupt_acknowledge = 0x064;
constexpr u64 device_status = 0x070;
constexpr u64 queue_descriptors = 0x080; ///< the low half; the high one follows
constexpr u64 queue_driver = 0x090;
constexpr u64 queue_device = 0x0a0;
constexpr u64 shared_memory_length = 0x0b0; ///< and three more
constexpr u64 shared_memory_end = 0x0c0;
constexpr u64 config_generation = 0x0fc;

constexpr u32 magic = 0x7472'6976; ///< "virt"
constexpr u32 modern = 2;

// The device status [virtio 1.3, 2.1]
constexpr u32 acknowledge = 1;
constexpr u32 driver = 2;
constexpr u32 features_ok = 8;
constexpr u32 failed = 128;
constexpr u32 driver_bits = acknowledge | driver | virtio::driver_ok | features_ok | failed;

constexpr u64 bit(unsigned number) {
    return u64{1} << number;
}
constexpr u64 own_features = virtio::version_1 | virtio::access_platform; ///< no program's
/// What a backend may not offer: the vhost-user protocol's own bit, and what needs registers that are not here: SR_IOV,
/// NOTIFICATION_DATA, NOTIF_CONFIG_DATA, RING_RESET, ADMIN_VQ [virtio 1.3, 6].
constexpr u64 refused = bit(30) | bit(37) | bit(38) | bit(39) | bit(40) | bit(41);

u32 half_of(u64 value, u32 part) {
    return part < 2 ? static_cast<u32>(value >> (part * 32)) : 0;
}

void set_half(u64& value, u32 part, u32 half) {
    if (part < 2) {
        value = (value & ~(u64{0xffff'ffff} << (part * 32))) | u64{half} << (part * 32);
    }
}

/// Whether a part of a queue lies in the bank, at a good address.
bool is_within(IpaRange bank, u64 address, u64 bytes, u64 alignment) {
    return address % alignment == 0 && address >= bank.base.value && bytes <= bank.size &&
           address - bank.base.value <= bank.size - bytes;
}

/// [virtio 1.3, 2.7]; those of a packed queue are no larger.
bool is_sound(const virtio::Queue& queue, IpaRange bank) {
    const u64 size = queue.size;
    return size != 0 && is_within(bank, queue.descriptors, 16 * size, 16) &&
           is_within(bank, queue.driver, 6 + 2 * size, 2) && is_within(bank, queue.device, 6 + 8 * size, 4);
}

} // namespace

VirtioSlot::Queue* VirtioSlot::selected() {
    return queue_ < queues_.size() ? &queues_[arch::nospec_index(queue_, queues_.size())] : nullptr;
}

u32 VirtioSlot::read(u64 offset) const {
    switch (offset) {
    case magic_value:
        return magic;
    case version:
        return modern;
    case device_id:
        return id_;
    case vendor_id:
        return virtio::vendor;
    default:
        break;
    }
    if (is_empty()) {
        return 0;
    }
    switch (offset) {
    case device_features:
        return half_of(offered_, device_features_part_);
    case queue_size_max:
        return selected() != nullptr ? queue_size_ : 0;
    case queue_ready:
        return selected() != nullptr ? selected()->ready : 0;
    case interrupt_status:
        return interrupts_;
    case device_status:
        return status_;
    case config_generation:
        return generation_;
    default: // there is no shared memory
        return offset >= shared_memory_length && offset < shared_memory_end ? ~u32{0} : 0;
    }
}

VirtioSlot::Effect VirtioSlot::write(u64 offset, u32 value, IpaRange bank) {
    if (is_empty()) {
        return {};
    }
    switch (offset) {
    case device_features_select:
        device_features_part_ = value;
        break;
    case driver_features_select:
        driver_features_part_ = value;
        break;
    case driver_features:
        if ((status_ & features_ok) == 0) {
            set_half(accepted_, driver_features_part_, value);
        }
        break;
    case queue_select:
        queue_ = value;
        break;
    case queue_notify:
        return {.news = kick(value)};
    case interrupt_acknowledge:
        interrupts_ &= ~value;
        break;
    case device_status:
        return write_status(value);
    default:
        write_queue(offset, value, bank);
        break;
    }
    return {};
}

bool VirtioSlot::accepts_features() const {
    return (accepted_ & ~offered_) == 0 && (accepted_ & insisted_) == insisted_;
}

VirtioSlot::Effect VirtioSlot::write_status(u32 value) {
    if (value == 0) {
        const bool news = reset();
        return {.news = news, .waits = is_awaited()};
    }
    if (is_stopping_) { // its driver has to reset it, which waits
        return {};
    }
    u32 added = value & driver_bits & ~status_;
    if ((added & features_ok) != 0 && !accepts_features()) {
        added &= ~features_ok;
    }
    if (((status_ | added) & features_ok) == 0) {
        added &= ~virtio::driver_ok;
    }
    status_ |= added;
    if ((added & virtio::driver_ok) != 0) {
        is_live_ = true;
        for (u32 i = 0; i < queues_.size(); ++i) {
            kickable_ |= queues_[i].ready << i;
        }
    }
    const bool news = (added & (virtio::driver_ok | failed)) != 0;
    events_.changes |= news ? virtio::changed_status : 0;
    return {.news = news};
}

/// Queues stay as they are once the driver is ready: without RING_RESET only a reset ends them [virtio 1.3, 2.6.1].
void VirtioSlot::write_queue(u64 offset, u32 value, IpaRange bank) {
    Queue* const queue = selected();
    if (queue == nullptr || is_live_ || is_stopping_) {
        return;
    }
    if (offset == queue_ready) {
        queue->ready = value == 1 && is_sound(*queue, bank) ? 1 : 0;
        return;
    }
    if (queue->ready != 0) {
        return;
    }
    if (offset == queue_size) {
        queue->size = std::has_single_bit(value) && value <= queue_size_ ? value : 0;
        return;
    }
    const u32 part = (offset & 4) / 4;
    switch (offset & ~u64{4}) {
    case queue_descriptors:
        set_half(queue->descriptors, part, value);
        break;
    case queue_driver:
        set_half(queue->driver, part, value);
        break;
    case queue_device:
        set_half(queue->device, part, value);
        break;
    default:
        break;
    }
}

bool VirtioSlot::reset() {
    for (Queue& queue : queues_) {
        queue = {};
    }
    status_ = device_features_part_ = driver_features_part_ = queue_ = interrupts_ = kickable_ = 0;
    accepted_ = 0;
    events_.kicks = 0;
    events_.changes &= virtio::changed_reset;
    if (!std::exchange(is_live_, false)) {
        return false;
    }
    is_stopping_ = true;
    is_given_up_ = false;
    events_.changes |= virtio::changed_reset;
    return true;
}

u64 VirtioSlot::read_config(u64 offset, unsigned size) const {
    u64 value = 0;
    for (unsigned i = 0; i < size && offset + i < config_size_; ++i) {
        value |= u64{config_[arch::nospec_index(offset + i, config_.size())]} << (8 * i);
    }
    return value;
}

VirtioSlot::Effect VirtioSlot::write_config(u64 offset, unsigned size, u64 value) {
    if (offset >= config_size_ || size > config_size_ - offset) {
        return {};
    }
    for (unsigned i = 0; i < size; ++i) {
        config_[arch::nospec_index(offset + i, config_.size())] = static_cast<u8>(value >> (8 * i));
    }
    const bool news = (events_.changes & virtio::changed_config) == 0;
    events_.changes |= virtio::changed_config;
    return {.news = news};
}

/// One that only knows of the device (ACKNOWLEDGE, which Linux says again after a driver has gone) uses nothing of it, and
/// neither does one that has failed before its queues were ready.
bool VirtioSlot::has_driver() const {
    const bool begins = (status_ & driver) != 0 && (status_ & failed) == 0;
    return begins || is_live_ || is_stopping_;
}

Result<void> VirtioSlot::put(const virtio::Device& device, u64 insisted) {
    if (has_driver() || (device.id != 0 && !is_empty())) {
        return fail(Error::Busy);
    }
    return device.id != 0 ? put_in(device, insisted) : take_out();
}

Result<void> VirtioSlot::take_out() {
    *this = {};
    return {};
}

Result<void> VirtioSlot::put_in(const virtio::Device& device, u64 insisted) {
    if (device.queues == 0 || device.queues > virtio::most_queues || !std::has_single_bit(device.queue_size) ||
        device.queue_size > virtio::largest_queue || device.config_size > virtio::largest_config ||
        (device.features & refused) != 0) {
        return fail(Error::OutOfRange);
    }
    queues_ = TRY(HeapArray<Queue>::create(device.queues));
    id_ = device.id;
    queue_size_ = device.queue_size;
    config_size_ = device.config_size;
    offered_ = (device.features & ~own_features) | insisted;
    insisted_ = insisted;
    config_ = device.config;
    return {};
}

void VirtioSlot::tell(virtio::State& state) const {
    state = {};
    state.id = id_;
    state.status = status_;
    state.stopping = is_stopping_ ? 1 : 0;
    state.queues = static_cast<u32>(queues_.size());
    state.features = accepted_ & ~own_features;
    state.config_size = config_size_;
    state.config = config_;
    std::ranges::copy(queues_, state.queue.begin());
}

void VirtioSlot::set_failed() {
    if (is_live_) {
        status_ |= virtio::needs_reset;
        interrupts_ |= configuration_change;
    }
}

Result<void> VirtioSlot::configure(std::span<const u8> config) {
    if (is_empty()) {
        return fail(Error::NotFound);
    }
    if (config.size() != config_size_) {
        return fail(Error::OutOfRange);
    }
    std::ranges::copy(config, config_.begin());
    ++generation_;
    interrupts_ |= is_live_ ? configuration_change : 0;
    return {};
}

} // namespace trv::vdev
