// SPDX-License-Identifier: Apache-2.0
// Rings and chains of descriptors that are none.

#include "guests/bare/virtio/attack.hpp"
#include "guests/bare/virtio/groups.hpp"

#include <initializer_list>

namespace trv::bare::virtio {
namespace {

constexpr u64 waiting_ms = 200; // some of these are never answered
constexpr u32 page = page_size;

/// A chain in descriptors 0, 1 …, made available `count` times by its head.
Verdict chain(std::initializer_list<Descriptor> descriptors, u16 head = 0, u16 count = 1) {
    if (!disk.start()) {
        return "the device does not start";
    }
    disk.set_header(read_sectors, 0);
    u16 index = 0;
    for (const Descriptor& descriptor : descriptors) {
        disk.describe(disk.parts().descriptors, index++, descriptor);
    }
    disk.offer(head, count);
    (void)disk.await_used(waiting_ms);
    return good;
}

/// One descriptor that refers to a table of `length` bytes with these.
Verdict table(std::initializer_list<Descriptor> descriptors, u32 length, u16 flags = is_indirect) {
    if (!disk.start()) {
        return "the device does not start";
    }
    disk.set_header(read_sectors, 0);
    u16 index = 0;
    for (const Descriptor& descriptor : descriptors) {
        disk.describe(disk.table(), index++, descriptor);
    }
    disk.describe(disk.parts().descriptors, 0, {disk.table(), length, flags, 0});
    disk.offer(0);
    (void)disk.await_used(waiting_ms);
    return good;
}

void loops(const Descriptor& header, const Descriptor& data, const Descriptor& status) {
    constexpr u16 writes_on = device_writes | has_next;
    attack("a descriptor that follows itself", [&] { return chain({{header.address, 16, has_next, 0}}); });
    attack("three that follow each other",
           [&] { return chain({header, {data.address, page, writes_on, 2}, {status.address, 1, writes_on, 0}}); });
    attack("an endless chain of what the device writes",
           [&] { return chain({header, {data.address, page, writes_on, 1}}); });
    attack("a next one that does not exist", [&] { return chain({{header.address, 16, has_next, 16}}); });
    attack("a next one far away", [&] { return chain({{header.address, 16, has_next, 0xffff}}); });
    attack("a table whose entries follow each other",
           [&] { return table({header, {data.address, page, writes_on, 1}}, 3 * sizeof(Descriptor)); });
    attack("a table with a next entry behind its end",
           [&] { return table({{header.address, 16, has_next, 200}}, 3 * sizeof(Descriptor)); });
    attack("a table in a table",
           [&] { return table({{disk.table(), 3 * sizeof(Descriptor), is_indirect, 0}}, 3 * sizeof(Descriptor)); });
}

void sizes(const Descriptor& header, const Descriptor& data, const Descriptor& status) {
    constexpr u16 writes_on = device_writes | has_next;
    for (const auto& [name, length] : {std::pair{std::string_view("0"), u32{0}},
                                       {"1", 1},
                                       {"15", 15},
                                       {"17", 17},
                                       {"4 GiB less 1", ~u32{0}},
                                       {"4 GiB less 16", ~u32{15}}}) {
        attack("a table of bytes", name, [&] { return table({header, data, status}, length); });
        attack("a header of bytes", name, [&] { return chain({{header.address, length, has_next, 1}, data, status}); });
        attack("data of bytes", name, [&] { return chain({header, {data.address, length, writes_on, 2}, status}); });
        attack("a status of bytes", name,
               [&] { return chain({header, data, {status.address, length, device_writes, 0}}); });
    }
}

void shapes(const Descriptor& header, const Descriptor& data, const Descriptor& status) {
    attack("a table that goes on", [&] { return table({header, data, status}, 48, is_indirect | has_next); });
    attack("a table that the device writes",
           [&] { return table({header, data, status}, 48, is_indirect | device_writes); });
    attack("only what the device reads", [&] { return chain({{header.address, 16, 0, 0}}); });
    attack("only what the device writes", [&] { return chain({{data.address, page, device_writes, 0}}); });
    attack("what it writes before what it reads", [&] {
        return chain({{data.address, page, device_writes | has_next, 1}, {header.address, 16, has_next, 2}, status});
    });
    attack("nothing", [&] { return chain({{0, 0, 0, 0}}); });
    attack("all flags", [&] { return chain({{header.address, 16, 0xffff, 1}, data, status}); });
    attack("one buffer for all", [&] {
        return chain({{data.address, page, has_next, 1},
                      {data.address, page, device_writes | has_next, 2},
                      {data.address, page, device_writes, 0}});
    });
    attack("the queue itself as data",
           [&] { return chain({header, {disk.parts().descriptors, 3 * page, device_writes | has_next, 2}, status}); });
}

void rings(const Descriptor& header, const Descriptor& data, const Descriptor& status) {
    for (const u16 head : {u16{16}, u16{17}, u16{0x7fff}, u16{0xffff}}) {
        std::array<char, 16> name;
        attack("a head that does not exist", format_to(name, "{}", u32{head}),
               [&] { return chain({header, data, status}, head); });
    }
    for (const u16 count : {u16{2}, u16{16}, u16{17}, u16{0x8000}, u16{0xffff}}) {
        std::array<char, 16> name;
        attack("an index that grows by", format_to(name, "{}", u32{count}),
               [&] { return chain({header, data, status}, 0, count); });
    }
}

} // namespace

void chains(std::string_view) {
    const Descriptor header{disk.header(), 16, has_next, 1};
    const Descriptor data{disk.data(), page, device_writes | has_next, 2};
    const Descriptor status{disk.status_byte(), 1, device_writes, 0};
    loops(header, data, status);
    sizes(header, data, status);
    shapes(header, data, status);
    rings(header, data, status);
}

} // namespace trv::bare::virtio
