// SPDX-License-Identifier: Apache-2.0
#pragma once
// The trusted applications that OP-TEE fetched from this VM. One without a session may still be loaded: OP-TEE keeps
// those with the keep-alive flag, and does not say so. It has an address space until OP-TEE was asked for it.

#include "lib/types.hpp"
#include "tee/optee/uuid.hpp"

#include <array>
#include <optional>

namespace trv::tee::optee {

/// Callers serialise.
class Applications {
  public:
    static constexpr u32 most = 64;
    /// Of a session whose application was not fetched from the VM.
    static constexpr u32 unknown = ~0U;

    struct Known {
        u32 application = unknown; ///< a number, which it keeps while it has sessions
        bool has_space = false;    ///< it had no session: its address space is the session's now
    };

    /// A session to it is about to be opened.
    [[nodiscard]] Known begin(const Uuid& uuid);
    /// One was closed, or not opened. @return whether the application keeps the session's address space
    [[nodiscard]] bool end(u32 application);

    /// OP-TEE fetched the one that a session is being opened to. @param application from begin()
    [[nodiscard]] Known fetched(u32 application, const Uuid& uuid);
    /// OP-TEE fetched one for another application, or a library. @return whether it takes an address space
    [[nodiscard]] bool fetched_beside(const Uuid& uuid);
    /// A session to it cannot be opened, because OP-TEE does not have it. @return unknown, if that was its only one
    [[nodiscard]] u32 missing(u32 application);

    struct Probe {
        u32 application;
        Uuid uuid;
    };
    /// One that has no session, and of which it is not known whether it is loaded: a session to it begins.
    [[nodiscard]] std::optional<Probe> begin_probe();
    /// What a probe found. @return whether its address space is free
    [[nodiscard]] bool probed(const Uuid& uuid, bool loaded);
    /// All must be probed again.
    void doubt();

    /// Those that have address spaces of their own, as they have no session.
    [[nodiscard]] u32 idle() const { return nameless_ + count(false); }
    /// Those of them that were not probed.
    [[nodiscard]] u32 doubtful() const { return nameless_ + count(true); }

  private:
    enum class State : u8 { Free, Doubtful, Loaded };
    struct Entry {
        Uuid uuid;
        u32 sessions = 0; ///< open, or being opened or closed
        State state = State::Free;
        [[nodiscard]] bool is_idle() const { return state != State::Free && sessions == 0; }
        [[nodiscard]] bool is_doubtful() const { return state == State::Doubtful && sessions == 0; }
    };

    [[nodiscard]] u32 count(bool doubtful_only) const;
    [[nodiscard]] u32 find(const Uuid& uuid) const;
    [[nodiscard]] u32 find_or_add(const Uuid& uuid);

    std::array<Entry, most> entries_;
    u32 nameless_ = 0; ///< for which there was no entry: each may be loaded
};

} // namespace trv::tee::optee
