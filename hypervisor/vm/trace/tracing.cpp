// SPDX-License-Identifier: Apache-2.0
#include "vm/trace/tracing.hpp"

#include "arch/entry.hpp"
#include "sched/trace_points.hpp"

#include <algorithm>
#include <string_view>

namespace trv::vm {

Result<void> Tracing::make_rings(u64 ring_bytes) {
    for (std::size_t i = 0; i < cpus_.size(); ++i) {
        if (rings_[i].capacity() == 0) {
            TRY(rings_[i].create(ring_bytes));
            stream_.set_ring(static_cast<unsigned>(i), &rings_[i]);
        }
    }
    return {};
}

Result<void> Tracing::start(u64 ring_bytes) {
    if (ring_bytes < least_ring_bytes || ring_bytes > most_ring_bytes) {
        return fail(Error::OutOfRange);
    }
    const Guard guard(lock_);
    if (!begun_) {
        (void)console_.multiplexer().attach(console_.trace_output(), nullptr); // no other channel has its number
    }
    begun_ = true;
    TRY(make_rings(ring_bytes));
    for (std::size_t i = 0; i < cpus_.size(); ++i) {
        // Pairs with the acquire in trace_ring(): a CPU that sees the ring sees it initialised.
        cpus_[i].trace_ring.store(&rings_[i], std::memory_order_release);
        cpus_[i].exit_handler.store(traced_exit_, std::memory_order_release);
    }
    on_.store(true, std::memory_order_relaxed);
    return {};
}

void Tracing::stop() {
    const Guard guard(lock_);
    for (sched::PerCpu& cpu : cpus_) {
        cpu.exit_handler.store(trivisor_exit, std::memory_order_relaxed);
        cpu.trace_ring.store(nullptr, std::memory_order_relaxed);
    }
    on_.store(false, std::memory_order_relaxed);
}

Tracing::Figures Tracing::figures() {
    const Guard guard(lock_);
    Figures figures{rings_[0].capacity(), 0, stream_.lost()};
    for (const trace::Ring& ring : rings_) {
        figures.written += ring.written();
    }
    return figures;
}

Result<void> Tracing::dump() {
    if (!console_.multiplexer().is_framed()) {
        return fail(Error::Unsupported);
    }
    {
        const Guard guard(lock_);
        if (is_sending() || !begun_) {
            return fail(!begun_ ? Error::NotFound : Error::Busy);
        }
        stream_.begin();
    }
    sched::this_cpu().scheduler.add_job(*this);
    return {};
}

bool Tracing::is_sending() const {
    return stream_.is_under_way() || !unsent_.empty();
}

bool Tracing::fill_chunk() {
    if (unsent_.empty()) {
        unsent_ = std::span<const u8>(chunk_).first(stream_.fill(chunk_));
    }
    return !unsent_.empty();
}

/// At most one chunk: as many bytes as a UART accepts in well under 1 ms.
bool Tracing::step() {
    bool more;
    {
        const Guard guard(lock_);
        (void)fill_chunk();
        while (!unsent_.empty() && console_.trace_output().put(unsent_.front())) {
            unsent_ = unsent_.subspan(1);
        }
        more = is_sending(); // if not, the next dump() adds this job anew
    }
    console_.trace_output().send(); // not under the lock: the UART may be slow
    return more;
}

void Tracing::finish() {
    const Guard guard(lock_);
    if (!begun_ || !console_.multiplexer().is_framed()) {
        return;
    }
    const auto send_all = [this]() REQUIRES(lock_) {
        while (fill_chunk()) {
            console_.trace_output().write_through({reinterpret_cast<const char*>(unsent_.data()), unsent_.size()});
            unsent_ = {};
        }
    };
    send_all(); // what a dump has begun
    stream_.begin();
    send_all();
}

} // namespace trv::vm
