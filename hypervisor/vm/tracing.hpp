#pragma once
// Taking a trace of what all CPUs do, and handing it out over the console's trace channel. Only with Kconfig TRACE.

#include "console/channel.hpp"
#include "lib/spinlock.hpp"
#include "tee/trace.hpp"
#include "trace/stream.hpp"
#include "vm/job.hpp"
#include "vm/per_cpu.hpp"

#include <array>
#include <atomic>
#include <span>

namespace trv::vm {

class Tracing final : public Job {
  public:
    static constexpr u64 usual_ring_bytes = 256 * KiB; ///< a CPU
    static constexpr u64 least_ring_bytes = 4 * KiB;
    static constexpr u64 most_ring_bytes = 16 * MiB;

    constexpr Tracing() = default;
    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;

    /// From now on every CPU records. The rings are made at the first start, and stay: CPUs may be using them.
    /// @param cpus       online CPUs, always the same
    /// @param ring_bytes of each; only the first start's counts
    /// @return Error::OutOfRange, Error::NoMemory
    [[nodiscard]] Result<void> start(std::span<PerCpu> cpus, u64 ring_bytes) EXCLUDES(lock_);
    /// What is in the rings stays there. A CPU that is at EL2 just now may still add a little.
    void stop();
    /// Sends what was recorded and not sent yet, piece by piece from a job on this CPU.
    /// @return Error::Busy while the last one is not complete, Error::Unsupported where no program is at the other end
    [[nodiscard]] Result<void> dump() EXCLUDES(lock_);
    /// The same at once, waiting for the UART: before the machine ends. Nothing if no trace was ever taken.
    void finish() EXCLUDES(lock_);

    [[nodiscard]] bool is_on() const { return on_.load(std::memory_order_relaxed); }
    struct Figures {
        u64 ring_records; ///< that a CPU's ring holds; 0 before the first start
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

    std::atomic<bool> on_ = false;
    SpinLock lock_;
    std::span<PerCpu> cpus_ GUARDED_BY(lock_);
    std::array<trace::Ring, max_cpus> rings_; ///< written by their CPUs
    trace::Stream stream_ GUARDED_BY(lock_);
    std::array<u8, trace::Stream::chunk_bytes> chunk_ GUARDED_BY(lock_){};
    std::span<const u8> unsent_ GUARDED_BY(lock_); ///< of chunk_
};

/// The machine's one. Context: the first call is the boot CPU's.
[[nodiscard]] Tracing& tracing();

/// What a VM's OP-TEE tells of its calls goes into the trace.
[[nodiscard]] tee::TraceHook& tee_trace(unsigned vm);

} // namespace trv::vm
