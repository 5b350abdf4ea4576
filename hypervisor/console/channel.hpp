#pragma once
// One of the streams that share the physical UART. The numbering is the contract of docs/internals/machine-tree.md.

#include "console/byte_ring.hpp"
#include "console/byte_sink.hpp"
#include "lib/spinlock.hpp"

#include <span>
#include <string_view>

namespace trv::console {

inline constexpr unsigned log_channel = 0;
inline constexpr unsigned event_channel = 1;
[[nodiscard]] constexpr unsigned console_channel(unsigned vm) {
    return 2 + 2 * vm;
}
[[nodiscard]] constexpr unsigned agent_channel(unsigned vm) {
    return 3 + 2 * vm;
}
inline constexpr unsigned trace_channel = 2 + 2 * max_vms; ///< binary; from the hypervisor only
/// Channels that can be attached; the frames could tell 95 apart.
inline constexpr unsigned max_channels = trace_channel + 1;
static_assert(max_channels <= 64, "sets of channels are kept in one 64-bit word");

/// The end of a channel that is not the UART: a guest's PL011, the monitor.
class ChannelPeer {
  public:
    /// Bytes for this channel, in order. The span dies when the call returns.
    /// Context: the channel's delivery lock is held, so neither this call nor resume_tx() may attach or detach this
    /// very channel; output on any channel and attaching or detaching others are fine.
    virtual void receive(std::span<const u8> bytes) = 0;
    /// The channel was nearly full and has room again. Context: as for receive().
    virtual void resume_tx() = 0;

  protected:
    ~ChannelPeer() = default;
};

class Multiplexer;

/// Output of one channel: a bounded ring that the multiplexer drains to the UART. A writer that is faster than the UART
/// finds the ring full and waits for itself alone.
class Channel final : public ByteSink {
  public:
    static constexpr std::size_t ring_size = 2048;
    /// A writer that leaves less room than this is told through resume_tx() when half of the ring is free again. Larger
    /// than any FIFO that a device model pretends to have, so that the model never waits untold.
    static constexpr std::size_t low_space = 64;

    /// @param number 0 to max_channels - 1
    /// @param name   prefix of its lines in plain mode; must outlive the channel
    constexpr Channel(Multiplexer& multiplexer, unsigned number, std::string_view name)
        : multiplexer_(multiplexer), number_(number), name_(name) {}
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    [[nodiscard]] std::size_t space() const override { return ring_.space(); }
    /// A channel that is not attached accepts and drops bytes, because they could never be seen.
    [[nodiscard]] bool put(u8 byte) override;
    /// Writes all of `text` as one piece: lines of several CPUs do not mix. Waits for the UART if the ring is too
    /// small. Not for guests' output. Context: any but under the multiplexer's own lock.
    void write(std::string_view text) EXCLUDES(writing_);

    [[nodiscard]] unsigned number() const { return number_; }
    [[nodiscard]] std::string_view name() const { return name_; }

  private:
    friend class Multiplexer;

    Multiplexer& multiplexer_;
    unsigned number_;
    std::string_view name_;
    SpinLock writing_; ///< serialises write(); before Multiplexer::lock_
    // The rest belongs to the multiplexer and is guarded by its lock; ring_.space() alone may be read without.
    ByteRing<ring_size> ring_;
    u32 lines_ = 0;        ///< line ends in the ring
    bool forced_ = false;  ///< what the ring holds goes out without waiting for a line end
    bool starved_ = false; ///< the writer waits for resume_tx()
};

} // namespace trv::console
