// SPDX-License-Identifier: Apache-2.0
#pragma once
// The records of a trace, in the ring and on the wire.

#include "contract/exit_reason.hpp"

#include <cstdint>
#include <string_view>

namespace trv::contract::trace {

/// Kinds of records. `vm` and `vcpu` identify the vCPU that caused it or whose interrupt it is, where that applies.
enum class Kind : std::uint8_t {
    Exit =
        1, ///< a guest exited to EL2. detail: Reason; a: function identifier, or ESR_EL2.ISS; b: guest-physical address
    Enter, ///< a guest is entered
    Interrupt,    ///< EL2 takes a physical interrupt. a: INTID
    Inject,       ///< an interrupt becomes pending for the guest at its entry. a: INTID
    Run,          ///< the vCPU is scheduled on this CPU
    Leave,        ///< the vCPU leaves the CPU. detail: Cause
    Wake,         ///< a blocked, held or powered-off vCPU becomes ready. a: its CPU
    IdleBegin,    ///< no vCPU is ready
    IdleEnd,      ///< a vCPU or a job is ready
    JobBegin,     ///< a step of a job begins
    JobEnd,       ///< the step is done
    TeeCallBegin, ///< detail: slot; a: [optee_msg.h] command; b: session
    TeeCallEnd,   ///< detail: slot; a: SMC return code; b: TEE_Result
    TeeEnter,     ///< the CPU enters the secure world. detail: slot, or no_slot for a fast call
    TeeLeave,     ///< the CPU returns. detail: the same
    Rpc,          ///< OP-TEE makes a request to the VM. detail: slot; a: [optee_rpc_cmd.h] command
};
inline constexpr std::uint8_t last_kind = static_cast<std::uint8_t>(Kind::Rpc);

using Reason = ExitReason;

/// Reasons why a vCPU leaves its CPU.
enum class Cause : std::uint8_t { SliceEnd, Overtaken, Yield, Job, Blocked, Off, Held };
[[nodiscard]] constexpr std::string_view name_of(Cause cause) {
    switch (cause) {
    case Cause::SliceEnd:
        return "slice end";
    case Cause::Overtaken:
        return "overtaken";
    case Cause::Yield:
        return "yield";
    case Cause::Job:
        return "job";
    case Cause::Blocked:
        return "blocked";
    case Cause::Off:
        return "off";
    case Cause::Held:
        return "held";
    }
    return "leaves";
}

inline constexpr std::uint8_t no_vm = 0xff;
inline constexpr std::uint8_t no_slot = 0xff;

struct Record {
    std::uint64_t time = 0; ///< ticks of the counter; on the wire nanoseconds since EL2 was entered
    Kind kind = Kind::Exit;
    std::uint8_t vm = no_vm;
    std::uint8_t vcpu = 0;
    std::uint8_t detail = 0;
    std::uint32_t a = 0;
    std::uint64_t b = 0;
};
static_assert(sizeof(Record) == 24);

/// Precedes each run of records on the wire; little-endian, as in memory.
struct ChunkHeader {
    static constexpr std::uint32_t expected_magic = 0x5476'7254; ///< "TrvT"
    static constexpr std::uint8_t this_version = 1;
    static constexpr std::uint8_t end_of_dump = 0xff; ///< in `cpu`: the dump is complete; no records follow

    std::uint32_t magic = expected_magic;
    std::uint8_t version = this_version;
    std::uint8_t cpu = 0;
    std::uint16_t count = 0; ///< records that follow, all of this CPU, in order of time
    std::uint64_t lost =
        0; ///< records of this CPU that were overwritten before they could be read, since the trace began
};
static_assert(sizeof(ChunkHeader) == 16);

} // namespace trv::contract::trace
