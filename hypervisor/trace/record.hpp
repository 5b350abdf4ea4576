#pragma once
// What a trace consists of, in the ring and on the wire. The tool reads it, too, hence nothing but the standard library
// here.

#include <cstdint>

namespace trv::trace {

/// What happened. `vm` and `vcpu` say whose doing or whose interrupt it was, where that has a meaning.
enum class Kind : std::uint8_t {
    Exit =
        1, ///< a guest came to EL2. detail: Reason; a: function identifier, or ESR_EL2.ISS; b: guest-physical address
    Enter, ///< a guest goes on
    Interrupt,    ///< EL2 takes a physical interrupt. a: INTID
    Inject,       ///< the guest finds a new pending interrupt when it goes on. a: INTID
    Run,          ///< the vCPU gets this CPU
    Leave,        ///< it loses it. detail: Cause
    Wake,         ///< it was blocked, held or off, and is ready now. a: its CPU
    IdleBegin,    ///< no vCPU is ready
    IdleEnd,      ///<
    JobBegin,     ///< a step of the hypervisor's own work
    JobEnd,       ///<
    TeeCallBegin, ///< detail: slot; a: [optee_msg.h] command; b: session
    TeeCallEnd,   ///< detail: slot; a: SMC return code; b: TEE_Result
    TeeEnter,     ///< the CPU goes to the secure world. detail: slot, or no_slot for a fast call
    TeeLeave,     ///< it is back. detail: the same
    Rpc,          ///< OP-TEE asks the VM for something. detail: slot; a: [optee_rpc_cmd.h] command
};
inline constexpr std::uint8_t last_kind = static_cast<std::uint8_t>(Kind::Rpc);

/// Why a guest came to EL2; numbered as vm::ExitReason, and SError behind it.
enum class Reason : std::uint8_t { Interrupt, Hypercall, Smc, SystemRegister, Mmio, Wfi, Fault, SError };

/// Why a vCPU lost its CPU.
enum class Cause : std::uint8_t { SliceEnd, Overtaken, Yield, Job, Blocked, Off, Held };

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

/// Stands before each run of records on the wire, all little-endian as in memory.
struct ChunkHeader {
    static constexpr std::uint32_t expected_magic = 0x5476'7254; ///< "TrvT"
    static constexpr std::uint8_t this_version = 1;
    static constexpr std::uint8_t end_of_dump = 0xff; ///< in `cpu`: that was all there is for now; no records follow

    std::uint32_t magic = expected_magic;
    std::uint8_t version = this_version;
    std::uint8_t cpu = 0;
    std::uint16_t count = 0; ///< records that follow, all of this CPU, in order of time
    std::uint64_t lost =
        0; ///< records of this CPU that were overwritten before they could be read, since the trace began
};
static_assert(sizeof(ChunkHeader) == 16);

} // namespace trv::trace
