// SPDX-License-Identifier: Apache-2.0
#pragma once
// Many channels over one UART, losslessly and in turn.
//
// Output: a writer appends to its channel's ring and sends what may go at once. One CPU sends at a time (sending_); a CPU
// that finds another one sending posts its work and goes on, and that one sends for it. A channel goes out in runs (to a line
// end, or max_run bytes), round robin, so that neither a flood nor a slow UART keeps a neighbour from it. What a CPU
// sends for others is bounded; what it leaves is sent by the next one that sends, at the latest by pump().
//
// Locks: Slot::delivery before the peer's own. Nothing else is waited for, and nothing is called out to while sending
// but the serial port. docs/internals/locks.md says why nothing gets lost.

#include "console/wire/channel.hpp"
#include "console/wire/emergency_output.hpp"
#include "console/wire/input.hpp"
#include "console/wire/serial_port.hpp"
#include "console/wire/wire.hpp"
#include "lib/result.hpp"
#include "sync/handover.hpp"

#include <array>
#include <atomic>

namespace trv::console {

class Multiplexer {
  public:
    constexpr Multiplexer() = default;
    Multiplexer(const Multiplexer&) = delete;
    Multiplexer& operator=(const Multiplexer&) = delete;

    /// Gives the multiplexer its UART. What was written before is sent now.
    /// Context: once, on one CPU, before input is polled.
    void start(SerialPort& port, Mode mode) EXCLUDES(sending_);

    /// @param peer who gets input and resume_tx(), or null
    /// @return Error::OutOfRange, Error::Busy if another channel has the number
    [[nodiscard]] Result<void> attach(Channel& channel, ChannelPeer* peer);
    /// Forgets channel and peer once all that the channel holds is sent. After a `true` neither is touched any more.
    /// @return whether they are forgotten, or were not known; if not, some of it waits for the UART, or another CPU
    /// sends just now: try again
    [[nodiscard]] bool try_detach(Channel& channel) EXCLUDES(sending_);
    /// The same at once: what the UART does not take now is lost, and the log says how much. Waits for the CPU that
    /// sends just now.
    void detach(Channel& channel) EXCLUDES(sending_);

    /// Sends what rings hold, also half lines, and notifies writers that wait for room. To be called on the UART's
    /// interrupt, and some milliseconds after output_pending().
    /// @param max_bytes bound of what is taken from guests' rings
    /// Context: no lock held.
    void pump(std::size_t max_bytes = 512) EXCLUDES(sending_);
    /// Calls `handler` on a CPU whose guest wrote, if something is left for pump(): a half line, or more than the UART
    /// took. Context: once, at boot.
    void on_output_left(void (*handler)()) { output_left_ = handler; }
    /// Whether anything waits for the UART, for pump(), or for a CPU that sends just now.
    [[nodiscard]] bool output_pending() const {
        // The word first: what the CPU that sends leaves behind is in waiting_ before the word says that it has left.
        return sending_.is_busy() || waiting_.load(std::memory_order_relaxed) != 0 ||
               resume_.load(std::memory_order_relaxed) != 0;
    }

    /// Takes at most Input::max_bytes from the UART and hands them to their channels. To be called on the UART's
    /// interrupt. If another CPU does so just now, returns at once.
    /// Context: no lock held; the peers' receive() is called from here.
    void poll_input() EXCLUDES(sending_);

    /// Sends all that was written before the call, also half lines, waiting for the UART: before an orderly power-off.
    /// Context: no lock held.
    void flush() EXCLUDES(sending_);

    /// A program is at the other end, not a person.
    [[nodiscard]] bool is_framed() const { return mode_ == Mode::Framed; }

    /// Plain mode: whose output is unbuffered and who gets what is typed. Flushes that channel.
    void focus(unsigned channel) EXCLUDES(sending_);

    /// Writes to a channel without any lock and waiting for the UART, for panics. From the first call on, no other
    /// channel's output gets through, so that the machine's last words stay in one piece. Context: any, but one CPU
    /// only.
    void emergency_write(unsigned channel, std::string_view text);

  private:
    friend class Channel;
    friend class Input;

    struct Slot {
        SpinLock delivery; ///< held while the peer is called, and by those who change the slot
        /// Set under delivery, cleared under delivery by who sends, too: each of the two keeps the channel alive.
        std::atomic<Channel*> channel = nullptr;
        ChannelPeer* peer = nullptr; ///< guarded by delivery
    };

    void report_left() const {
        if (output_pending() && output_left_ != nullptr) {
            output_left_();
        }
    }

    enum class Detach : u8 { IfSent, Now };
    struct Detached {
        bool done;
        std::size_t lost;
    };

    /// Whether what the channel's writer writes is to go anywhere.
    [[nodiscard]] bool takes(const Channel& channel) const;
    /// What the channel's ring holds goes out if it may; the caller sends for others, too, but a bounded amount.
    void send(Channel& channel) EXCLUDES(sending_);

    /// Leaves word of `work`, and serves it with what others leave, unless another CPU does.
    void hand_over(u64 work, std::size_t budget) EXCLUDES(sending_);
    [[nodiscard]] std::size_t serve(u64 work, std::size_t budget) REQUIRES(sending_);
    [[nodiscard]] std::size_t drain(std::size_t budget) REQUIRES(sending_);
    [[nodiscard]] std::size_t send_run(Channel& channel, std::size_t budget) REQUIRES(sending_);
    [[nodiscard]] unsigned next_of(u64 due) const REQUIRES(sending_);
    void look_after_writer(Channel& channel) REQUIRES(sending_);
    void examine(Channel& channel) REQUIRES(sending_);
    void forget(const Channel& channel) REQUIRES(sending_);
    void force(u64 channels) REQUIRES(sending_);
    void report_pending(SerialPort* port) REQUIRES(sending_);
    [[nodiscard]] SerialPort* usable_port() const;
    [[nodiscard]] Detached detach(Channel& channel, Detach how) EXCLUDES(sending_);
    void wait_until_sent(const Channel& channel) EXCLUDES(sending_);
    void resume_writers() EXCLUDES(sending_);

    void deliver(unsigned channel, std::span<const u8> bytes);
    void focus_and_say(unsigned channel) EXCLUDES(sending_);
    [[nodiscard]] unsigned focused() const { return focus_.load(std::memory_order_relaxed); }

    Handover sending_; ///< channels to look at
    std::atomic<SerialPort*> port_ = nullptr;
    void (*output_left_)() = nullptr; ///< constant once VMs run
    Mode mode_ = Mode::Plain;         ///< constant once port_ is set
    std::array<Slot, max_channels> slots_{};
    Wire wire_ GUARDED_BY(sending_);
    u64 filled_ GUARDED_BY(sending_) = 0; ///< channels that were seen with something in their ring
    u64 due_ GUARDED_BY(sending_) = 0;    ///< those of them that have something to send now
    bool interrupt_wanted_ GUARDED_BY(sending_) = false;
    std::atomic<u64> waiting_ = 0;    ///< what pump() would send; written by who sends
    std::atomic<u64> resume_ = 0;     ///< channels whose writer is to be notified of room
    std::atomic<unsigned> focus_ = 0; ///< start() sets it: an object of zeros takes no room in the image
    EmergencyOutput emergency_;
    Input input_;
};

} // namespace trv::console
