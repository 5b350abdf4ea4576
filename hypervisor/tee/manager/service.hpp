// SPDX-License-Identifier: Apache-2.0
#pragma once
// What stands behind the manager's sessions and commands [contract/manager.hpp]: management/ implements it.

#include "contract/manager.hpp"
#include "tee/manager/caller_memory.hpp"
#include "tee/optee/abi/message.hpp"

#include <array>

namespace trv::tee::manager {

using contract::manager::Command;
using optee::msg::TeeResult;

/// Of a session, never 0. Given once; a wrap of the counter takes 2^31 sessions.
enum class SessionId : u32 {};
/// Sessions of OP-TEE's own have small numbers.
inline constexpr u32 session_bit = 0x8000'0000;

/// A command whose parameters have the kinds that its row says.
struct Invocation {
    SessionId session;
    Command command;
    unsigned slot; ///< of the call, while it lasts
    bool again;    ///< it has waited

    struct Parameter {
        u64 a = 0;
        u64 b = 0;
        u64 c = 0;
        CallerMemory memory;
        /// Of memory for output: how much was written, or would be needed. None until it is set.
        u64 used = 0;
    };
    std::array<Parameter, 4> parameters;
};

enum class Progress : u8 {
    Done,
    Waits, ///< the driver waits until Notifier::wake(), then invoke() is called again
};
struct Outcome {
    TeeResult result = TeeResult::Success;
    Progress progress = Progress::Done;
};

/// Ends the waits of calls.
class Notifier {
  public:
    /// @param slots of the calls, a bit each. Context: any CPU, no lock held; takes the host's interrupt controller's.
    virtual void wake(u32 slots) = 0;

  protected:
    ~Notifier() = default;
};

/// All functions may be called from several CPUs at once. Each is bounded.
class Service {
  public:
    /// A host begins or ends. Only one has sessions at a time. After the end no wake() is under way.
    /// @param most_waits calls that may wait at a time
    virtual void begin(Notifier& notifier, unsigned most_waits) = 0;
    virtual void end(Notifier& notifier) = 0;

    /// @return Busy if there are too many
    [[nodiscard]] virtual TeeResult open(SessionId& session) = 0;
    /// No effect on one that is not open.
    virtual void close(SessionId session) = 0;
    /// @param can_wait whether the driver takes notifications. A call that waited already does not wait again.
    [[nodiscard]] virtual Outcome invoke(Invocation& invocation, bool can_wait) = 0;

    /// The host gives up what it lends: CallerMemory::lend(). When it returns, no VM has it.
    virtual void end_loan(u64 name) = 0;
    virtual void end_loans() = 0;

  protected:
    ~Service() = default;
};

} // namespace trv::tee::manager
