// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/virtio/disk.hpp"

#include "guests/bare/lib/hardware/sysreg.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/machine.hpp"
#include "guests/bare/virtio/bank.hpp"

namespace trv::bare::virtio {
namespace {

constexpr u64 answer_ms = 30'000; // an emulated machine beside others
constexpr u64 honest_sector = 64;
constexpr u64 words = page_size / sizeof(u64);

} // namespace

u64 Disk::place(u64 page) {
    return machine().bank.base.value + page * page_size;
}

Parts Disk::parts() const {
    return {place(0), place(1), place(2)};
}

u64 Disk::sectors() const {
    return device_.read(reg::config) | u64{device_.read(reg::config + 4)} << 32;
}

bool Disk::start(u64 features) const {
    device_.reset(); // before the memory is used anew
    for (u64 at = place(0); at < place(3); at += sizeof(u64)) {
        mmio_write<u64>(at, 0);
    }
    if (!device_.accept(features & device_.offered()) || !device_.set_queue(parts(), queue_size)) {
        return false;
    }
    device_.set_status(ready);
    return device_.status() == ready;
}

void Disk::set_header(u32 kind, u64 sector) const {
    mmio_write<u32>(header(), kind);
    mmio_write<u32>(header() + 4, 0);
    mmio_write<u64>(header() + 8, sector);
    mmio_write<u8>(status_byte(), no_status);
}

void Disk::describe(u64 table, u16 index, const Descriptor& descriptor) const {
    const u64 at = table + index * sizeof(Descriptor);
    mmio_write<u64>(at, descriptor.address);
    mmio_write<u32>(at + 8, descriptor.length);
    mmio_write<u16>(at + 12, descriptor.flags);
    mmio_write<u16>(at + 14, descriptor.next);
}

void Disk::offer(u16 head, u16 count) const {
    const u64 available = parts().available;
    const u16 index = mmio_read<u16>(available + 2);
    mmio_write<u16>(available + 4 + index % queue_size * sizeof(u16), head);
    order();
    mmio_write<u16>(available + 2, static_cast<u16>(index + count));
    dsb(); // the device looks when it is kicked
    device_.kick();
}

u16 Disk::used_index() const {
    const u16 index = mmio_read<u16>(parts().used + 2);
    order();
    return index;
}

bool Disk::await_used(u64 milliseconds) const {
    const u16 available = mmio_read<u16>(parts().available + 2);
    const u64 end = now() + microseconds(milliseconds * 1000);
    while (used_index() != available) {
        if (now() > end) {
            return false;
        }
        wfe(); // until the event stream
    }
    device_.write(reg::interrupt_acknowledge, ~u32{0});
    return true;
}

u8 Disk::status() const {
    return mmio_read<u8>(status_byte());
}

u8 Disk::request(u32 kind, u64 sector) const {
    const u16 direction = kind == read_sectors ? device_writes : 0;
    set_header(kind, sector);
    describe(parts().descriptors, 0, {header(), 16, has_next, 1});
    describe(parts().descriptors, 1, {data(), page_size, static_cast<u16>(has_next | direction), 2});
    describe(parts().descriptors, 2, {status_byte(), 1, device_writes, 0});
    offer(0);
    return await_used(answer_ms) ? status() : no_status;
}

std::string_view Disk::be_honest(u64 seed) const {
    if (!start()) {
        return "the device does not start";
    }
    const auto word = [seed](u64 i) { return (seed + i) * 0x9e37'79b9'7f4a'7c15; };
    for (u64 i = 0; i < words; ++i) {
        mmio_write<u64>(data() + i * sizeof(u64), word(i));
    }
    if (request(write_sectors, honest_sector) != 0) {
        return "a write is not done";
    }
    for (u64 i = 0; i < words; ++i) {
        mmio_write<u64>(data() + i * sizeof(u64), 0);
    }
    if (request(read_sectors, honest_sector) != 0) {
        return "a read is not done";
    }
    for (u64 i = 0; i < words; ++i) {
        if (mmio_read<u64>(data() + i * sizeof(u64)) != word(i)) {
            return "what was written is not what is read";
        }
    }
    return {};
}

} // namespace trv::bare::virtio
