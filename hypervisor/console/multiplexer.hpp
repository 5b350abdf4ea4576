#pragma once
// Many channels over one UART, losslessly and in turn.
//
// Output: a writer appends to its channel's ring and drains what may go at once. A channel goes out in runs (to a line
// end, or max_run bytes), round robin, so that neither a flood nor a slow UART keeps a neighbour from it. The common
// case, one channel writing to an idle UART, passes each byte straight on.
//
// Locks, outer before inner: Slot::delivery, (the peer's own), Channel::writing_, Multiplexer::lock_. Nothing is called
// out to under lock_ but the serial port.

#include "console/channel.hpp"
#include "console/frames.hpp"
#include "console/output_stage.hpp"
#include "console/plain_input.hpp"
#include "console/serial_port.hpp"
#include "lib/result.hpp"

#include <array>
#include <atomic>

namespace trv::console {

enum class Mode : u8 {
    Plain,  ///< a person's terminal: whole lines with the channel's name before them; the channel in focus unbuffered
    Framed, ///< a program's end: docs/internals/machine-tree.md, "The console frames"
};

class Multiplexer {
  public:
    constexpr Multiplexer() = default;
    Multiplexer(const Multiplexer&) = delete;
    Multiplexer& operator=(const Multiplexer&) = delete;

    /// Gives the multiplexer its UART. What was written before is sent now.
    /// Context: once, on one CPU, before input is polled.
    void start(SerialPort& port, Mode mode) EXCLUDES(lock_);

    /// @param peer who gets input and resume_tx(), or null
    /// @return Error::OutOfRange, Error::Busy if another channel has the number
    [[nodiscard]] Result<void> attach(Channel& channel, ChannelPeer* peer) EXCLUDES(lock_);
    /// Sends what the channel still holds, waiting for the UART if need be, and forgets channel and peer. After the
    /// call neither is touched any more. Harmless on a channel that is not attached.
    void detach(Channel& channel) EXCLUDES(lock_);

    /// Drains rings, also of half lines, and tells writers that wait for room. To be called at ticks, on the UART's
    /// interrupt, and before a CPU idles.
    /// @param max_bytes bound of what is taken from rings
    /// Context: no lock held.
    void pump(std::size_t max_bytes = 512) EXCLUDES(lock_);
    /// Whether output waits for the UART, or for pump() to send it without the end of its line.
    [[nodiscard]] bool output_pending() const { return waiting_.load(std::memory_order_relaxed) != 0; }

    /// Takes at most `max_input` bytes from the UART and hands them to their channels. To be called on the UART's
    /// interrupt. If another CPU does so just now, returns at once.
    /// Context: no lock held; the peers' receive() is called from here.
    void poll_input() EXCLUDES(lock_);

    /// Sends all that waits, also half lines, waiting for the UART: before an orderly power-off.
    /// Context: no lock held.
    void flush() EXCLUDES(lock_);

    /// A program is at the other end, not a person.
    [[nodiscard]] bool is_framed() const { return mode_ == Mode::Framed; }

    /// Plain mode: whose output is unbuffered and who gets what is typed. Flushes that channel.
    void focus(unsigned channel) EXCLUDES(lock_);

    /// Writes to a channel without any lock and waiting for the UART, for panics. From the first call on, no other
    /// channel's output gets through, so that the machine's last words stay in one piece. Context: any, but one CPU
    /// only.
    void emergency_write(unsigned channel, std::string_view text);

    static constexpr std::size_t max_run = 256;   ///< bytes of one channel in a row while others wait
    static constexpr std::size_t max_input = 256; ///< bytes poll_input() takes
    /// Times that a UART may have no room in a row before it counts as dead and what waits for it is given up.
    static constexpr unsigned patience = 100'000'000;

  private:
    friend class Channel;

    struct Slot {
        SpinLock delivery;           ///< held while the peer is called
        Channel* channel = nullptr;  ///< guarded by lock_
        ChannelPeer* peer = nullptr; ///< guarded by delivery
    };

    [[nodiscard]] bool put(Channel& channel, u8 byte) EXCLUDES(lock_);
    [[nodiscard]] std::size_t write_some(Channel& channel, std::string_view text) EXCLUDES(lock_);

    void append(Channel& channel, u8 byte) REQUIRES(lock_);
    [[nodiscard]] bool may_pass(const Channel& channel) const REQUIRES(lock_);
    void drain(std::size_t budget) REQUIRES(lock_);
    [[nodiscard]] std::size_t send_run(Channel& channel, std::size_t budget) REQUIRES(lock_);
    [[nodiscard]] unsigned next_due() const REQUIRES(lock_);
    void update(Channel& channel) REQUIRES(lock_);
    void select(unsigned channel) REQUIRES(lock_);
    void encode(const Channel& channel, u8 byte) REQUIRES(lock_);
    void want_interrupt() REQUIRES(lock_);
    void force_all() REQUIRES(lock_);
    [[nodiscard]] bool may_send() const REQUIRES(lock_);
    void drain_fully(Channel& channel) EXCLUDES(lock_);
    void resume_writers() EXCLUDES(lock_);

    void take_framed(std::span<const u8> bytes);
    void take_plain(std::span<const u8> bytes);
    void announce_focus() EXCLUDES(lock_);
    void deliver(unsigned channel, std::span<const u8> bytes) EXCLUDES(lock_);
    void send_now(u8 byte);
    void send_all_now(const FrameBytes& encoded);

    SpinLock lock_;
    SerialPort* port_ GUARDED_BY(lock_) = nullptr;
    Mode mode_ = Mode::Plain; ///< constant after start()
    std::array<Slot, max_channels> slots_{};
    OutputStage stage_ GUARDED_BY(lock_);
    unsigned current_ GUARDED_BY(lock_) = 0;   ///< whose bytes were sent last
    std::size_t run_ GUARDED_BY(lock_) = 0;    ///< bytes since it became current
    bool line_open_ GUARDED_BY(lock_) = false; ///< the last data byte was no line end
    u8 last_ GUARDED_BY(lock_) = 0;            ///< the last data byte
    u64 due_ GUARDED_BY(lock_) = 0;            ///< channels that have something to send now
    u64 resume_ GUARDED_BY(lock_) = 0;         ///< channels whose writer is to be told of room
    bool interrupt_wanted_ GUARDED_BY(lock_) = false;
    std::atomic<u64> waiting_ = 0; ///< channels with anything in their ring; written under lock_
    std::atomic<unsigned> focus_ = console_channel(0);
    std::atomic<bool> emergency_ = false;
    unsigned emergency_channel_ = log_channel;          ///< of the one CPU that panics
    std::atomic<SerialPort*> published_port_ = nullptr; ///< port_, for those who do not hold lock_

    std::atomic<bool> input_busy_ = false; ///< one CPU at a time decodes; guards the two decoders
    FrameDecoder frames_;
    PlainInput keys_;
};

} // namespace trv::console
