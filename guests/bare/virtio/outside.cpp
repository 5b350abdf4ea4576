// SPDX-License-Identifier: Apache-2.0
// Addresses outside the bank, for queues and for buffers: the device reaches nothing there, and nothing of the VM's own
// memory gets out.

#include "guests/bare/lib/machine.hpp"
#include "guests/bare/virtio/attack.hpp"
#include "guests/bare/virtio/groups.hpp"

namespace trv::bare::virtio {
namespace {

constexpr u64 waiting_ms = 300; // for what must not come
constexpr u64 sector = 128;
constexpr u64 secret_words = page_size / sizeof(u64);
/// The first words of what tests/system/host_io/secret.c looks for in the host, made here so that they are in no image.
constexpr u64 secret_seed = 0x5ec4'e700'0000'0001;

alignas(page_size) constinit std::array<u64, 2 * secret_words> secret{};

u64 secret_word(u64 i) {
    u64 seed = secret_seed;
    asm volatile("" : "+r"(seed)); // not computed before
    return (seed ^ (i % 4 + 1) * 0x0101'0101'0101'0101) * 0x9e37'79b9'7f4a'7c15;
}

void fill_secret() {
    for (u64 i = 0; i < secret.size(); ++i) {
        secret[i] = secret_word(i);
    }
}

bool is_untouched() {
    for (u64 i = 0; i < secret.size(); ++i) {
        if (*const_cast<volatile u64*>(&secret[i]) != secret_word(i)) {
            return false;
        }
    }
    return true;
}

struct Place {
    std::string_view name;
    u64 address;
};

constexpr u64 across = 8; ///< less than any part of a queue, and than a header, has

/// Beginnings of a page that is not, or not all, in the bank.
std::array<Place, 11> places() {
    const IpaRange bank = machine().bank;
    return {{
        {"the VM's own memory", reinterpret_cast<u64>(secret.data())},
        {"the first page of the VM's memory", machine().ram.base.value},
        {"across the bank's end", bank.end().value - across},
        {"the page behind the bank", bank.end().value},
        {"across the bank's beginning", bank.base.value - across},
        {"the page before the bank", bank.base.value - page_size},
        {"0", 0},
        {"the last page of all", ~u64{0} - page_size + 1},
        {"the bank's address with bit 32", bank.base.value + 4 * GiB},
        {"the bank's address with bit 63", bank.base.value | u64{1} << 63},
        {"the registers", contract::virtio::first_slot},
    }};
}

Verdict queue_at(u64 place) {
    const Parts here = disk.parts();
    const u64 address = place & ~u64{15}; // as all parts may be
    for (const Parts& parts : {Parts{address, here.available, here.used}, Parts{here.descriptors, address, here.used},
                               Parts{here.descriptors, here.available, address}}) {
        if (!disk.device().accept(confined)) {
            return "FEATURES_OK does not stay";
        }
        if (disk.device().set_queue(parts, disk.device().read(reg::queue_size_max))) {
            return "the queue becomes ready";
        }
        disk.device().set_status(ready);
        disk.device().kick();
    }
    return is_untouched() ? good : "the VM's own memory was written";
}

/// A request whose part `which` lies there must not be done.
Verdict buffer_at(u64 address, unsigned which, u32 kind) {
    if (!disk.start()) {
        return "the device does not start";
    }
    disk.set_header(kind, sector);
    const u16 direction = kind == read_sectors ? device_writes : 0;
    Descriptor parts[] = {{disk.header(), 16, has_next, 1},
                          {disk.data(), page_size, static_cast<u16>(has_next | direction), 2},
                          {disk.status_byte(), 1, device_writes, 0}};
    parts[which].address = which == 2 ? address + page_size - 1 : address;
    for (u16 i = 0; i < 3; ++i) {
        disk.describe(disk.parts().descriptors, i, parts[i]);
    }
    disk.offer(0);
    (void)disk.await_used(waiting_ms);
    if (disk.status() == 0 && which != 2) {
        return "the request is done";
    }
    return is_untouched() ? good : "the VM's own memory was written";
}

Verdict table_at(u64 address) {
    if (!disk.start()) {
        return "the device does not start";
    }
    disk.set_header(write_sectors, sector);
    disk.describe(disk.parts().descriptors, 0, {address, 3 * sizeof(Descriptor), is_indirect, 0});
    disk.offer(0);
    (void)disk.await_used(waiting_ms);
    return disk.status() == 0 ? "the request is done" : good;
}

/// What a buffer outside would have brought to the disk.
Verdict nothing_got_out() {
    if (!disk.start() || disk.request(read_sectors, sector) != 0) {
        return "a read is not done";
    }
    for (u64 i = 0; i < secret_words; ++i) {
        if (mmio_read<u64>(disk.data() + i * sizeof(u64)) == secret_word(i)) {
            return "the VM's own memory is on the disk";
        }
    }
    return good;
}

} // namespace

void outside(std::string_view) {
    fill_secret();
    for (const Place& place : places()) {
        attack("a queue at", place.name, [&] { return queue_at(place.address); });
        attack("a header at", place.name, [&] { return buffer_at(place.address, 0, write_sectors); });
        attack("data to write at", place.name, [&] { return buffer_at(place.address, 1, write_sectors); });
        attack("data to read at", place.name, [&] { return buffer_at(place.address, 1, read_sectors); });
        attack("a status at", place.name, [&] { return buffer_at(place.address, 2, read_sectors); });
        attack("an indirect table at", place.name, [&] { return table_at(place.address); });
    }
    attack("nothing of the VM's memory is on the disk", nothing_got_out);
}

} // namespace trv::bare::virtio
