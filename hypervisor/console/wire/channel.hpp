// SPDX-License-Identifier: Apache-2.0
#pragma once
// One of the streams that share the physical UART.

#include "console/wire/byte_ring.hpp"
#include "console/wire/byte_sink.hpp"
#include "contract/channels.hpp"
#include "lib/result.hpp"
#include "sync/spinlock.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <span>
#include <string_view>

namespace trv::console {

using contract::agent_channel;
using contract::console_channel;
using contract::event_channel;
using contract::log_channel;
using contract::max_channels;
using contract::trace_channel;
static_assert(max_channels <= 62, "sets of channels are kept in one 64-bit word, with two more bits in it");

/// The end of a channel that is not the UART: a guest's PL011, the monitor.
class ChannelPeer {
  public:
    /// Bytes for this channel, in order. The span dies when the call returns.
    /// Context: the channel's delivery lock is held, so neither this call nor resume_tx() may attach or detach this
    /// very channel; output on any channel and attaching or detaching others are fine.
    virtual void receive(std::span<const u8> bytes) = 0;
    /// How many bytes receive() takes without a loss. Others can only increase it. Context: as for receive().
    [[nodiscard]] virtual std::size_t input_room() { return ~std::size_t{0}; }
    /// The channel was nearly full and has room again. Context: as for receive().
    virtual void resume_tx() = 0;

  protected:
    ~ChannelPeer() = default;
};

class Multiplexer;

/// Output of one channel: a bounded ring that the multiplexer drains to the UART. It has one writer at a time: a guest's
/// UART under its own lock, or write(), which serialises its callers. Writing never waits: not for the UART, and not for
/// another CPU.
class Channel : public ByteSink {
  public:
    /// Of a guest's UART: more than a CPU prints while the one that sends for it is not scheduled by the host.
    static constexpr std::size_t ring_size = 4096;
    /// A writer that leaves less room than this is notified through resume_tx() when half of the ring is free again. Larger
    /// than any FIFO that a device model pretends to have, so that the model never waits in vain.
    static constexpr std::size_t low_space = 64;

    /// @param number 0 to max_channels - 1
    /// @param name   prefix of its lines in plain mode; must outlive the channel
    /// @param room   of its ring: a power of two of bytes, which must outlive the channel
    constexpr Channel(Multiplexer& multiplexer, unsigned number, std::string_view name, std::span<u8> room)
        : multiplexer_(multiplexer), number_(number), name_(name), ring_(room) {}
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    [[nodiscard]] std::size_t space() const override { return ring_.space(); }
    /// A channel that is not attached accepts and drops bytes, because they could never be seen.
    [[nodiscard]] bool put(u8 byte) override;
    /// Context: no lock held that a CPU which serves a guest may wait for.
    void send() override;

    /// Writes all of `text` as one piece, and sends what the UART takes: lines of several CPUs do not mix. Where the
    /// ring has no room for it, because the UART is too slow, the whole text is dropped, and a line in its place gives
    /// their number. Not for guests' output.
    /// Context: any, but no lock held that a CPU which serves a guest may wait for.
    void write(std::string_view text) EXCLUDES(writing_);

    /// Writes all of `text`, whatever its length, and waits for the UART: for what is sent before the machine ends.
    /// Context: the channel is not detached meanwhile, and its only writer is the caller.
    void write_through(std::string_view text);

    /// Multiplexer::attach() and its like, of its own multiplexer.
    [[nodiscard]] Result<void> attach(ChannelPeer* peer);
    [[nodiscard]] bool try_detach();
    void detach();

    [[nodiscard]] unsigned number() const { return number_; }
    [[nodiscard]] std::string_view name() const { return name_; }

  protected:
    ~Channel() = default;

  private:
    friend class Multiplexer;

    enum class Attempt : u8 { First, Last };
    [[nodiscard]] bool append(std::string_view text, Attempt attempt) EXCLUDES(writing_);

    Multiplexer& multiplexer_;
    unsigned number_;
    std::string_view name_;
    ByteRing ring_;
    std::atomic<bool> attached_ = false;
    std::atomic<u32> line_end_ = 0; ///< the ring's count just behind the last line end; written by the writer
    /// The writer found little room and waits for resume_tx(). It sets this and then looks at the room again; the
    /// multiplexer makes room and then looks at this. All four are sequentially consistent: one of the two sees the
    /// other.
    std::atomic<bool> starved_ = false;
    u32 due_until_ = 0; ///< the multiplexer's, while it sends: bytes up to this count of the ring may go

    SpinLock writing_;                     ///< one write() at a time; stands alone
    u64 dropped_ GUARDED_BY(writing_) = 0; ///< bytes, since the last line that gave their number
};

/// A channel with its ring.
template <std::size_t Size>
class ChannelOf final : public Channel {
    static_assert(std::has_single_bit(Size) && Size <= (u64{1} << 31));

  public:
    constexpr ChannelOf(Multiplexer& multiplexer, unsigned number, std::string_view name)
        : Channel(multiplexer, number, name, room_) {}

  private:
    std::array<u8, Size> room_{};
};

/// Of a guest's UART.
using GuestChannel = ChannelOf<Channel::ring_size>;

} // namespace trv::console
