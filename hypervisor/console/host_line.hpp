// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest's serial line whose other end is a program of the host. What the guest writes waits in a ring, of which the
// oldest is lost first: a guest never waits for the host. Input is taken as far as the device has room.

#include "console/lossy_ring.hpp"
#include "console/output_listener.hpp"
#include "console/wire/byte_sink.hpp"
#include "console/wire/channel.hpp"
#include "lib/heap_array.hpp"
#include "sync/spinlock.hpp"

namespace trv::console {

class HostLine final : public ByteSink {
  public:
    /// @param listener must outlive it
    HostLine(unsigned channel, OutputListener& listener, HeapArray<u8> room)
        : channel_(channel), listener_(listener), room_(std::move(room)), ring_({room_.begin(), room_.size()}) {}
    HostLine(const HostLine&) = delete;
    HostLine& operator=(const HostLine&) = delete;

    // The device's end, like a Channel's.

    [[nodiscard]] std::size_t space() const override { return room_.size(); }
    [[nodiscard]] bool put(u8 byte) override EXCLUDES(lock_);
    void send() override { listener_.on_output(channel_); }
    /// From now on `peer` gets the input. What was written before stays.
    [[nodiscard]] Result<void> attach(ChannelPeer* peer) EXCLUDES(delivery_);
    [[nodiscard]] bool try_detach() EXCLUDES(delivery_);
    void detach() EXCLUDES(delivery_) { (void)try_detach(); }

    // The host's end.

    struct Taken {
        std::size_t bytes;
        u64 lost; ///< before them, since the last time
    };
    enum class Gap : u8 { Skip, Keep };
    /// Removes the oldest bytes, as many as fit.
    /// @param gap Keep: takes nothing if bytes before them are lost
    [[nodiscard]] Taken take(std::span<u8> to, Gap gap = Gap::Skip) EXCLUDES(lock_);
    [[nodiscard]] bool has_output() const EXCLUDES(lock_);
    /// Gives the device input. @return how many bytes it has taken, from the first on
    [[nodiscard]] std::size_t write(std::span<const u8> bytes) EXCLUDES(delivery_);

  private:
    const unsigned channel_;
    OutputListener& listener_;
    HeapArray<u8> room_;
    mutable SpinLock lock_; ///< after the device's
    LossyRing ring_ GUARDED_BY(lock_);
    u64 taken_ GUARDED_BY(lock_) = 0;                   ///< the position behind the last byte that was taken
    SpinLock delivery_;                                 ///< while the peer is called; before the device's
    ChannelPeer* peer_ GUARDED_BY(delivery_) = nullptr; ///< none: no VM runs
};

} // namespace trv::console
