// SPDX-License-Identifier: Apache-2.0
#include "management/host_events.hpp"

#include <algorithm>

namespace trv::management {

void HostEvents::start() {
    auto room = HeapArray<u8>::create(contract::manager::channel_room);
    const Guard guard(lock_);
    if (room && room_.size() == 0) {
        std::swap(room_, *room);
        ring_ = console::LossyRing({room_.begin(), room_.size()});
    }
}

void HostEvents::add(std::string_view line) {
    const Guard guard(lock_);
    for (const char c : line) {
        ring_.put(static_cast<u8>(c));
    }
}

HostEvents::Read HostEvents::read(u64 from, std::span<u8> to) const {
    const Guard guard(lock_);
    u64 begin = from;
    if (begin < ring_.begin()) { // the rest of a line whose beginning is lost is lost, too
        begin = ring_.begin();
        while (begin != ring_.end() && ring_.at(begin) != '\n') {
            ++begin;
        }
        begin += begin != ring_.end() ? 1 : 0;
    }
    u64 end = ring_.copy(begin, to);
    while (end != begin && ring_.at(end - 1) != '\n') {
        --end;
    }
    return {end, static_cast<std::size_t>(end - begin), begin - from};
}

} // namespace trv::management
