// SPDX-License-Identifier: Apache-2.0
// Registers: steps out of order, and all registers with anything.

#include "guests/bare/lib/words.hpp"
#include "guests/bare/virtio/attack.hpp"
#include "guests/bare/virtio/groups.hpp"

namespace trv::bare::virtio {
namespace {

constexpr u64 window_size = contract::virtio::slots * contract::virtio::slot_size;

/// xorshift: the same numbers in every run.
class Numbers {
  public:
    u64 next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }

  private:
    u64 state_ = 0x5eed'5eed'5eed'5eed;
};

Verdict driver_ok_alone() {
    const Device& device = disk.device();
    device.reset();
    device.set_status(before_features | driver_ok);
    if (device.status() != before_features) {
        return "DRIVER_OK stays without FEATURES_OK";
    }
    device.kick();
    return good;
}

Verdict features(u64 accepted) {
    return disk.device().accept(accepted) ? "FEATURES_OK stays" : good;
}

Verdict features_late() {
    const Device& device = disk.device();
    if (!device.accept(confined)) {
        return "FEATURES_OK does not stay";
    }
    device.write(reg::driver_features_select, 1);
    device.write(reg::driver_features, 0);
    return device.set_queue(disk.parts(), Disk::queue_size) ? good : "the queue does not become ready";
}

Verdict a_queue_that_moves() {
    if (!disk.start()) {
        return "the device does not start";
    }
    const Parts here = disk.parts();
    (void)disk.device().set_queue({here.descriptors + page_size, here.available, here.used}, 8);
    disk.device().write(reg::queue_ready, 0);
    return disk.request(read_sectors, 0) == 0 ? good : "a request of the queue that was there is not done";
}

Verdict no_queue() {
    if (!disk.device().accept(confined)) {
        return "FEATURES_OK does not stay";
    }
    disk.device().set_status(ready);
    for (u32 queue = 0; queue < 40; ++queue) {
        disk.device().kick(queue);
    }
    return good;
}

Verdict all_of_the_status() {
    const Device& device = disk.device();
    device.reset();
    for (u32 value = 1; value < 0x200; ++value) {
        device.set_status(value);
    }
    return good;
}

Verdict touch(u64 from, u64 to) {
    constexpr u64 values[] = {0, 1, 2, 0x7f, 0xff, 0x8000'0000, 0xffff'ffff, ~u64{0}};
    const auto fault = attempt([&] {
        for (u64 at = from; at < to; at += 4) {
            for (const u64 value : values) {
                mmio_write<u8>(at, static_cast<u8>(value));
                mmio_write<u16>(at, static_cast<u16>(value));
                mmio_write<u32>(at, static_cast<u32>(value));
                (void)mmio_read<u8>(at);
                (void)mmio_read<u16>(at);
                (void)mmio_read<u32>(at);
                if (at % sizeof(u64) == 0) {
                    mmio_write<u64>(at, value);
                    (void)mmio_read<u64>(at);
                }
            }
        }
    });
    return fault ? "an access aborts" : good;
}

/// Anything in any order, more often what leads somewhere.
Verdict anything(u64 rounds) {
    constexpr u64 offsets[] = {
        reg::status,      reg::driver_features_select, reg::driver_features,   reg::queue_select, reg::queue_size,
        reg::queue_ready, reg::queue_notify,           reg::queue_descriptors, reg::queue_driver, reg::queue_device};
    constexpr u32 values[] = {0, 1, 3, 11, 15, 16, 0xffff'ffff};
    Numbers numbers;
    const auto fault = attempt([&] {
        for (u64 i = 0; i < rounds; ++i) {
            const u64 chosen = numbers.next();
            const u64 value = numbers.next();
            if (chosen % 4 == 0) {
                mmio_write<u32>(contract::virtio::first_slot + (chosen >> 8) % window_size / 4 * 4,
                                static_cast<u32>(value));
                continue;
            }
            const u64 parts[] = {values[value % std::size(values)], disk.data() + (value >> 8) % 8 * page_size,
                                 static_cast<u32>(value >> 16)};
            disk.device().write(offsets[(chosen >> 8) % std::size(offsets)],
                                static_cast<u32>(parts[(chosen >> 16) % std::size(parts)]));
        }
    });
    return fault ? "an access aborts" : good;
}

} // namespace

void honest(std::string_view) {
    attack("no attack", [] { return good; });
}

void order_of_steps(std::string_view) {
    attack("DRIVER_OK without features", driver_ok_alone);
    attack("features without ACCESS_PLATFORM", [] { return features(contract::virtio::version_1); });
    attack("features without VERSION_1", [] { return features(contract::virtio::access_platform); });
    attack("features that are not offered", [] { return features(confined | ~disk.device().offered()); });
    attack("no features", [] { return features(0); });
    attack("features after FEATURES_OK", features_late);
    attack("a queue that moves while it is used", a_queue_that_moves);
    attack("no queue, and kicks of forty", no_queue);
    attack("every value of the status", all_of_the_status);
}

void registers(std::string_view arguments) {
    const u64 rounds = parse_number(take_word(arguments)).value_or(20'000);
    const u64 first = contract::virtio::first_slot;
    attack("every register of the disk, all sizes", [&] { return touch(first, first + 0x200); });
    attack("every register of an empty slot, all sizes",
           [&] { return touch(first + window_size - 0x1000, first + window_size - 0xe00); });
    attack("the end of the configuration", [&] { return touch(first + 0xf00, first + 0x1000); });
    attack("anything in any order", [&] { return anything(rounds); });
}

} // namespace trv::bare::virtio
