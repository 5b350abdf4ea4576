// SPDX-License-Identifier: Apache-2.0
#pragma once
// Traces all CPUs, and sends the trace over the console's trace channel. Only with Kconfig TRACE.

#include "console/console.hpp"
#include "lib/unique.hpp"
#include "sched/job.hpp"
#include "sched/per_cpu.hpp"
#include "sync/spinlock.hpp"
#include "tee/optee/trace.hpp"
#include "trace/stream.hpp"

#include <array>
#include <atomic>
#include <span>

namespace trv::vm {

class Tracing final : public sched::Job {
  public:
    static constexpr u64 usual_ring_bytes = 256 * KiB; ///< per CPU
    static constexpr u64 least_ring_bytes = 4 * KiB;
    static constexpr u64 most_ring_bytes = 16 * MiB;

    /// @param cpus        online CPUs
    /// @param traced_exit handles guests' exits while tracing is on
    Tracing(console::Console& console, std::span<sched::PerCpu> cpus, arch::ExitHandler traced_exit)
        : console_(console), cpus_(cpus), traced_exit_(traced_exit) {}
    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;

    /// Starts tracing on every CPU. The rings are allocated at the first start and never freed: CPUs may be using them.
    /// @param ring_bytes of each; only the first start's counts
    /// @return Error::OutOfRange, Error::NoMemory
    [[nodiscard]] Result<void> start(u64 ring_bytes) EXCLUDES(lock_);
    /// Stops tracing; the rings keep their records. A CPU that is at EL2 may still add a few.
    void stop();
    /// Sends the records that were not sent yet, piece by piece, from a job on this CPU.
    /// @return Error::Busy while the last dump is not complete, Error::Unsupported on a plain console
    [[nodiscard]] Result<void> dump() EXCLUDES(lock_);
    /// Sends them immediately, waiting for the UART: before the machine powers off. No effect without a trace.
    void finish() EXCLUDES(lock_);

    [[nodiscard]] bool is_on() const { return on_.load(std::memory_order_relaxed); }
    struct Figures {
        u64 ring_records; ///< capacity of a CPU's ring; 0 before the first start
        u64 written;      ///< since the first start, on all CPUs
        u64 lost;         ///< overwritten before they were sent
    };
    [[nodiscard]] Figures figures() EXCLUDES(lock_);

    bool step() override EXCLUDES(lock_);

  private:
    [[nodiscard]] Result<void> make_rings(u64 ring_bytes) REQUIRES(lock_);
    /// Whether a dump is not complete yet: as long as its job is queued.
    [[nodiscard]] bool is_sending() const REQUIRES(lock_);
    /// @return whether there is something to send
    bool fill_chunk() REQUIRES(lock_);

    console::Console& console_;
    const std::span<sched::PerCpu> cpus_;
    const arch::ExitHandler traced_exit_;
    std::atomic<bool> on_ = false;
    SpinLock lock_;
    bool begun_ GUARDED_BY(lock_) = false;    ///< it was started once
    std::array<trace::Ring, max_cpus> rings_; ///< written by their CPUs
    trace::Stream stream_ GUARDED_BY(lock_);
    std::array<u8, trace::Stream::chunk_bytes> chunk_ GUARDED_BY(lock_){};
    std::span<const u8> unsent_ GUARDED_BY(lock_); ///< of chunk_
};

/// Connects a VM's OP-TEE calls to the trace. @return Error::NoMemory
[[nodiscard]] Result<Unique<tee::optee::TraceHook>> make_tee_trace(unsigned vm);

} // namespace trv::vm
