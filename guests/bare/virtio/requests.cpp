// SPDX-License-Identifier: Apache-2.0
// Requests in order, about what a disk does not have.

#include "guests/bare/virtio/attack.hpp"
#include "guests/bare/virtio/groups.hpp"

namespace trv::bare::virtio {
namespace {

constexpr u64 page_sectors = page_size / Disk::sector_size;

Verdict refused(u32 kind, u64 sector) {
    if (!disk.start()) {
        return "the device does not start";
    }
    const u8 status = disk.request(kind, sector);
    return status == Disk::no_status ? "no answer" : status == 0 ? "it is done" : good;
}

Verdict answered(u32 kind) {
    if (!disk.start()) {
        return "the device does not start";
    }
    return disk.request(kind, 0) == Disk::no_status ? "no answer" : good;
}

} // namespace

void requests(std::string_view) {
    const u64 end = disk.sectors();
    for (const u32 kind : {read_sectors, write_sectors}) {
        const std::string_view name = kind == read_sectors ? "a read" : "a write";
        attack(name, "of the first sectors behind the end", [&] { return refused(kind, end); });
        attack(name, "across the end", [&] { return refused(kind, end - page_sectors / 2); });
        attack(name, "of the last sector that a number can name", [&] { return refused(kind, ~u64{0}); });
        attack(name, "whose byte is 2^64", [&] { return refused(kind, u64{1} << 55); });
        attack(name, "whose byte is 2^63", [&] { return refused(kind, u64{1} << 54); });
    }
    for (const u32 kind :
         {u32{2}, u32{3}, flush, u32{7}, get_id, u32{10}, discard, write_zeroes, u32{14}, u32{27}, ~u32{0}}) {
        std::array<char, 16> name;
        attack("a request of kind", format_to(name, "{}", kind), [&] { return answered(kind); });
    }
}

} // namespace trv::bare::virtio
