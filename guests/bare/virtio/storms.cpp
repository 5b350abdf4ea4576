// SPDX-License-Identifier: Apache-2.0
// Resets amid requests, rings that change while they are read, and kicks as fast as they go.

#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/hardware/timer.hpp"
#include "guests/bare/lib/words.hpp"
#include "guests/bare/virtio/attack.hpp"
#include "guests/bare/virtio/groups.hpp"

namespace trv::bare::virtio {
namespace {

constexpr u64 sectors_of_page = page_size / Disk::sector_size;

void offer_request(u64 i, u32 kind) {
    const u16 direction = kind == read_sectors ? device_writes : 0;
    disk.set_header(kind, i % 8 * sectors_of_page);
    disk.describe(disk.parts().descriptors, 0, {disk.header(), 16, has_next, 1});
    disk.describe(disk.parts().descriptors, 1, {disk.data(), page_size, static_cast<u16>(has_next | direction), 2});
    disk.describe(disk.parts().descriptors, 2, {disk.status_byte(), 1, device_writes, 0});
    disk.offer(0);
}

/// A request is on its way, or not seen yet, or done.
Verdict resets_amid_requests(u32 rounds) {
    for (u32 i = 0; i < rounds; ++i) {
        if (!disk.start()) {
            return "the device does not start";
        }
        offer_request(i, read_sectors);
        (void)disk.await_used(i % 4);
        disk.device().reset();
        // The device uses none of it any more.
        mmio_write<u64>(disk.data(), i);
        if (mmio_read<u64>(disk.data()) != i) {
            return "the device writes after its reset";
        }
    }
    return good;
}

/// On vCPU 1, until the time is over.
struct Other {
    void (*work)(u64 round);
    u64 until;
};

void repeat(void* object) {
    const auto& other = *static_cast<const Other*>(object);
    for (u64 round = 0; now() < other.until; ++round) {
        other.work(round);
    }
}

Verdict from_both(u32 seconds, void (*first)(u64 round), void (*second)(u64 round)) {
    static constinit Other other{};
    const u64 until = now() + seconds * frequency();
    other = {second, until + frequency() / 10};
    if (cpu_count() > 1 && start_cpu(1, repeat, &other) != psci::Status::Success) {
        return "vCPU 1 does not start";
    }
    for (u64 round = 0; now() < until; ++round) {
        first(round);
    }
    return cpu_count() == 1 || wait_until_off(1) ? good : "vCPU 1 does not come back";
}

/// What the other vCPU makes of the chain meanwhile.
void change_chain(u64 round) {
    const u64 descriptors = disk.parts().descriptors;
    constexpr u64 addresses[] = {0, 0x4000'0000, ~u64{0} - 0xfff};
    const u64 address = round % 4 == 3 ? disk.data() : addresses[round % 4];
    mmio_write<u64>(descriptors + sizeof(Descriptor), address);
    mmio_write<u32>(descriptors + sizeof(Descriptor) + 8, static_cast<u32>(round * 4099));
    mmio_write<u16>(descriptors + 2 * sizeof(Descriptor) + 14, static_cast<u16>(round));
    mmio_write<u64>(disk.header() + 8, round * 977);
    mmio_write<u16>(disk.parts().available + 4, static_cast<u16>(round % 3 == 0 ? round : 0));
}

Verdict changing_chain(u32 seconds) {
    if (!disk.start()) {
        return "the device does not start";
    }
    return from_both(
        seconds,
        [](u64 round) {
            offer_request(round, round % 2 == 0 ? read_sectors : write_sectors);
            if (!disk.await_used(50)) { // it has given up
                (void)disk.start();
            }
        },
        change_chain);
}

Verdict kicks_of_nothing(u32 seconds) {
    if (!disk.start()) {
        return "the device does not start";
    }
    const auto kick = [](u64) { disk.device().kick(); };
    return from_both(seconds, kick, kick);
}

Verdict writes_to_configuration(u32 seconds) {
    if (!disk.start()) {
        return "the device does not start";
    }
    const auto write = [](u64 round) { disk.device().write(reg::config + round % 15 * 4, static_cast<u32>(round)); };
    return from_both(seconds, write, write);
}

/// Both reset it, one while the other starts it.
Verdict resets_from_both(u32 seconds) {
    return from_both(seconds, [](u64) { (void)disk.start(); }, [](u64) { disk.device().reset(); });
}

} // namespace

void resets(std::string_view arguments) {
    const u32 rounds = parse_number(take_word(arguments)).value_or(20);
    attack("resets amid requests", [&] { return resets_amid_requests(rounds); });
    attack("resets from both vCPUs", [&] { return resets_from_both(2); });
}

void races(std::string_view arguments) {
    const u32 seconds = parse_number(take_word(arguments)).value_or(5);
    attack("a chain that changes while it is read", [&] { return changing_chain(seconds); });
}

void kicks(std::string_view arguments) {
    const u32 seconds = parse_number(take_word(arguments)).value_or(5);
    attack("kicks of an empty queue", [&] { return kicks_of_nothing(seconds); });
    attack("writes to the configuration", [&] { return writes_to_configuration(seconds); });
}

} // namespace trv::bare::virtio
