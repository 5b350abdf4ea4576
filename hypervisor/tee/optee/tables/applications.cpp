// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/tables/applications.hpp"

#include <algorithm>

namespace trv::tee::optee {

u32 Applications::find(const Uuid& uuid) const {
    for (u32 i = 0; i < most; ++i) {
        if (entries_[i].state != State::Free && entries_[i].uuid == uuid) {
            return i;
        }
    }
    return unknown;
}

u32 Applications::find_or_add(const Uuid& uuid) {
    u32 at = find(uuid);
    for (u32 i = 0; at == unknown && i < most; ++i) {
        if (entries_[i].state == State::Free) {
            entries_[i].uuid = uuid;
            at = i;
        }
    }
    if (at != unknown) {
        entries_[at].state = State::Doubtful;
    } else {
        ++nameless_;
    }
    return at;
}

Applications::Known Applications::begin(const Uuid& uuid) {
    const u32 at = find(uuid);
    return at == unknown ? Known{} : Known{at, entries_[at].sessions++ == 0};
}

bool Applications::end(u32 application) {
    return application != unknown && --entries_[application].sessions == 0;
}

Applications::Known Applications::fetched(u32 application, const Uuid& uuid) {
    if (application != unknown) {
        entries_[application].state = State::Doubtful;
        return {application, false};
    }
    const bool is_new = find(uuid) == unknown;
    const u32 at = find_or_add(uuid);
    return at == unknown ? Known{} : Known{at, entries_[at].sessions++ == 0 && !is_new};
}

bool Applications::fetched_beside(const Uuid& uuid) {
    const bool is_new = find(uuid) == unknown;
    (void)find_or_add(uuid);
    return is_new;
}

u32 Applications::missing(u32 application) {
    if (application != unknown && entries_[application].sessions == 1) {
        entries_[application] = {};
        return unknown;
    }
    return application;
}

std::optional<Applications::Probe> Applications::begin_probe() {
    for (u32 i = 0; i < most; ++i) {
        Entry& entry = entries_[i];
        if (entry.is_doubtful()) {
            entry.sessions = 1;
            return Probe{i, entry.uuid};
        }
    }
    return std::nullopt;
}

bool Applications::probed(const Uuid& uuid, bool loaded) {
    const u32 at = find(uuid);
    if (at == unknown) {
        return false;
    }
    if (loaded) {
        entries_[at].state = State::Loaded;
        return false;
    }
    const bool idle = entries_[at].sessions == 0;
    if (idle) { // otherwise the guest has opened it meanwhile
        entries_[at] = {};
    }
    return idle;
}

void Applications::doubt() {
    for (Entry& entry : entries_) {
        entry.state = entry.state == State::Loaded ? State::Doubtful : entry.state;
    }
}

u32 Applications::count(bool doubtful_only) const {
    return static_cast<u32>(std::ranges::count_if(entries_, doubtful_only ? &Entry::is_doubtful : &Entry::is_idle));
}

} // namespace trv::tee::optee
