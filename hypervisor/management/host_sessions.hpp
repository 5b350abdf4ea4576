// SPDX-License-Identifier: Apache-2.0
#pragma once
// The manager's open sessions. Each belongs to a program of the host, whose end closes it.

#include "tee/manager/service.hpp"

#include <array>

namespace trv::management {

/// Callers serialise.
class HostSessions {
  public:
    using Id = tee::manager::SessionId;
    static constexpr std::size_t most = 48;

    struct Session {
        Id id{};        ///< 0: the entry is free
        u64 events = 0; ///< the position behind the last event that it has read
    };

    /// Null if there are too many.
    [[nodiscard]] Session* open(u64 events_position) {
        Session* const free = entry_of(Id{});
        if (free != nullptr) {
            *free = {next_id(), events_position};
        }
        return free;
    }
    /// Null if no session has the id, which is anything.
    [[nodiscard]] Session* find(Id id) { return id != Id{} ? entry_of(id) : nullptr; }
    /// The session of an entry, of which there are `most`. @return 0 if the entry is free
    [[nodiscard]] Id at(std::size_t entry) const { return sessions_[entry].id; }

  private:
    [[nodiscard]] Session* entry_of(Id id) {
        for (Session& session : sessions_) {
            if (session.id == id) {
                return &session;
            }
        }
        return nullptr;
    }
    /// One that no session had, or, after 2^31, has.
    [[nodiscard]] Id next_id() {
        Id id;
        do {
            last_ = (last_ + 1) | tee::manager::session_bit;
            id = Id(last_);
        } while (find(id) != nullptr);
        return id;
    }

    std::array<Session, most> sessions_{};
    u32 last_ = 0;
};

} // namespace trv::management
