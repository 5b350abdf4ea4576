// SPDX-License-Identifier: Apache-2.0
#include "console/wire/multiplexer.hpp"

#include "arch/cpu/wait.hpp"
#include "lib/log.hpp"

#include <bit>

namespace trv::console {
namespace {

/// Of a channel that is not in focus, bytes without a line end that go out all the same: sooner in frames, where a
/// switch costs two bytes, than on a terminal, where it breaks a line.
constexpr std::size_t framed_run = 64;
constexpr std::size_t plain_run = 512;
static_assert(framed_run < Channel::ring_size && plain_run < Channel::ring_size, "a full ring is always due");

/// What a CPU that sends for its guest may take from all guests' rings, so that its neighbours' output costs it little.
constexpr std::size_t send_budget = 128;

constexpr u64 bit(unsigned channel) {
    return u64{1} << channel;
}

// Posted work: channels, and one flag.
constexpr u64 force_half_lines = bit(max_channels);
/// In waiting_: staged bytes that the UART did not take.
constexpr u64 staged = bit(max_channels);
constexpr u64 all_channels = bit(max_channels) - 1;
static_assert((Handover::all_work & force_half_lines) != 0);

/// Nothing pumps later for their writers, so that what is due of them goes out in any case: it is little, and no guest
/// can make it much.
constexpr u64 own_channels = bit(log_channel) | bit(event_channel);
/// A program's pieces, not lines that a person types: they wait for no line end.
constexpr u64 hypervisors_channels = own_channels | bit(trace_channel);

/// Whether count `a` of a ring comes after `b`: they wrap around, and are never half of all counts apart.
constexpr bool is_after(u32 a, u32 b) {
    return static_cast<i32>(a - b) > 0;
}

} // namespace

void Multiplexer::start(SerialPort& port, Mode mode) {
    mode_ = mode;
    focus_.store(console_channel(0), std::memory_order_relaxed);
    // Pairs with the acquire in usable_port(): who finds the port finds the mode, too.
    port_.store(&port, std::memory_order_release);
    while (!sending_.post(0)) {
        arch::relax();
    }
    wire_.begin(mode);
    (void)sending_.release();
    hand_over(force_half_lines, Channel::ring_size);
}

Result<void> Multiplexer::attach(Channel& channel, ChannelPeer* peer) {
    if (channel.number() >= max_channels) {
        return fail(Error::OutOfRange);
    }
    Slot& slot = slots_[channel.number()];
    const Guard delivery(slot.delivery);
    if (slot.channel.load(std::memory_order_relaxed) != nullptr) {
        return fail(Error::Busy);
    }
    channel.due_until_ = channel.ring_.taken();
    // Relaxed: who sends learns of the channel from its writer, which comes after this.
    slot.channel.store(&channel, std::memory_order_relaxed);
    slot.peer = peer;
    channel.attached_.store(true, std::memory_order_relaxed);
    return {};
}

bool Multiplexer::try_detach(Channel& channel) {
    return detach(channel, Detach::IfSent).done;
}

void Multiplexer::detach(Channel& channel) {
    Detached detached{};
    while (!detached.done) {
        detached = detach(channel, Detach::Now);
        arch::relax();
    }
    if (detached.lost != 0) {
        log("console: {} bytes of {} are lost: the UART is too slow", detached.lost, channel.name());
    }
}

Multiplexer::Detached Multiplexer::detach(Channel& channel, Detach how) {
    if (channel.number() >= max_channels) {
        return {true, 0};
    }
    Slot& slot = slots_[channel.number()];
    const Guard delivery(slot.delivery);
    if (slot.channel.load(std::memory_order_relaxed) != &channel) {
        return {true, 0};
    }
    if (!sending_.post(bit(channel.number()) | force_half_lines)) {
        return {false, 0};
    }
    (void)serve(sending_.take(), channel.ring_.capacity());
    const std::size_t left = channel.ring_.size();
    const bool done = left == 0 || how == Detach::Now;
    if (done) {
        channel.attached_.store(false, std::memory_order_relaxed);
        channel.ring_.clear();
        forget(channel);
        slot.channel.store(nullptr, std::memory_order_relaxed);
        slot.peer = nullptr;
    }
    const bool more = sending_.release() != 0;
    if (more) {
        hand_over(0, send_budget);
    }
    return {done, left};
}

void Multiplexer::pump(std::size_t max_bytes) {
    hand_over(force_half_lines, max_bytes);
    resume_writers();
}

void Multiplexer::focus(unsigned channel) {
    if (channel >= max_channels) {
        return;
    }
    focus_.store(channel, std::memory_order_relaxed);
    hand_over(bit(channel), Channel::ring_size);
}

bool Multiplexer::takes(const Channel& channel) const {
    return channel.attached_.load(std::memory_order_relaxed) && !emergency_.has_begun();
}

void Multiplexer::send(Channel& channel) {
    if (takes(channel)) {
        const u64 self = bit(channel.number());
        hand_over(self, (self & hypervisors_channels) != 0 ? channel.ring_.capacity() : send_budget);
    }
}

void Multiplexer::hand_over(u64 work, std::size_t budget) {
    if (!sending_.try_begin()) {
        if (!sending_.post(work)) {
            return;
        }
        work = sending_.take();
    }
    for (;;) {
        budget = serve(work, budget);
        const u64 more = sending_.release();
        // Once it has done its share, it leaves to those who posted for guests what they posted: each of their CPUs
        // sees output_pending() and comes back with pump().
        if ((budget != 0 ? more : more & own_channels) == 0 || !sending_.post(0)) {
            return;
        }
        work = sending_.take();
    }
}

/// @return what is left of the budget
std::size_t Multiplexer::serve(u64 work, std::size_t budget) {
    for (u64 rest = work & all_channels; rest != 0; rest &= rest - 1) {
        // Gone, perhaps, since its writer left word.
        if (Channel* const channel =
                slots_[static_cast<unsigned>(std::countr_zero(rest))].channel.load(std::memory_order_relaxed)) {
            examine(*channel);
        }
    }
    if ((work & force_half_lines) != 0) {
        force(filled_);
    }
    return drain(budget);
}

SerialPort* Multiplexer::usable_port() const {
    return emergency_.has_begun() ? nullptr : port_.load(std::memory_order_acquire);
}

/// Sends whole runs, in turn, until nothing is due, the UART is full, or the budget is used up.
/// @return what is left of it
std::size_t Multiplexer::drain(std::size_t budget) {
    SerialPort* port = usable_port();
    while (port != nullptr && wire_.flush(*port)) {
        const u64 due = budget != 0 ? due_ : due_ & own_channels;
        if (due == 0) {
            break;
        }
        const unsigned next = next_of(due);
        Channel& channel = *slots_[next].channel.load(std::memory_order_relaxed);
        wire_.select(next);
        budget -= std::min(budget, send_run(channel, budget != 0 ? budget : Wire::max_run));
        port = usable_port();
    }
    report_pending(port);
    return budget;
}

/// Goes on with the current channel while it has a run to finish, else takes the next one that is due.
unsigned Multiplexer::next_of(u64 due) const {
    const unsigned current = wire_.current();
    if (wire_.is_amid_line() && !wire_.is_run_full() && (due & bit(current)) != 0) {
        return current;
    }
    const u64 later = due >> (current + 1) << (current + 1);
    return static_cast<unsigned>(std::countr_zero(later != 0 ? later : due));
}
static_assert(max_channels < 63, "or the shift above is undefined for the last channel");

/// Precondition: the channel is due and selected, and nothing is staged.
/// @return how many bytes it took from the ring
std::size_t Multiplexer::send_run(Channel& channel, std::size_t budget) {
    const u64 self = bit(channel.number());
    const std::size_t most = std::min<std::size_t>(budget, channel.due_until_ - channel.ring_.taken());
    const bool in_focus = focused() == channel.number();
    std::size_t sent = 0;
    for (SerialPort* port = usable_port(); sent < most && port != nullptr; port = usable_port()) {
        const u8 byte = channel.ring_.pop();
        ++sent;
        wire_.send(byte, in_focus ? std::string_view() : channel.name(), *port);
        if (wire_.has_staged() || ((byte == '\n' || wire_.is_run_full()) && (due_ & ~self) != 0)) {
            break;
        }
    }
    look_after_writer(channel);
    examine(channel);
    return sent;
}

void Multiplexer::look_after_writer(Channel& channel) {
    if (!channel.starved_.load(std::memory_order_seq_cst)) {
        return;
    }
    // Cleared before the room is looked at: what its writer fills meanwhile is seen here, or it sets this again after.
    channel.starved_.store(false, std::memory_order_seq_cst);
    if (channel.ring_.space() >= channel.ring_.capacity() / 2) {
        resume_.fetch_or(bit(channel.number()), std::memory_order_release);
    } else {
        channel.starved_.store(true, std::memory_order_seq_cst);
    }
}

/// Keeps due_ and filled_ true to the channel's ring.
void Multiplexer::examine(Channel& channel) {
    const u64 self = bit(channel.number());
    const u32 written = channel.ring_.written();
    const u32 size = written - channel.ring_.taken();
    const bool framed = mode_ == Mode::Framed;
    // Half a line goes out without its end where there is much of it, where a person waits for it, and where it costs
    // nothing and breaks into no other's line.
    const bool at_once =
        size >= (framed ? framed_run : plain_run) ||
        (framed ? (self & hypervisors_channels) != 0 ||
                      ((due_ & ~self) == 0 && (!wire_.is_amid_line() || wire_.current() == channel.number()))
                : focused() == channel.number());
    const u32 line_end = channel.line_end_.load(std::memory_order_relaxed);
    if (at_once) {
        channel.due_until_ = written;
    } else if (is_after(line_end, channel.due_until_) && !is_after(line_end, written)) {
        channel.due_until_ = line_end;
    }
    filled_ = size != 0 ? filled_ | self : filled_ & ~self;
    due_ = is_after(channel.due_until_, channel.ring_.taken()) ? due_ | self : due_ & ~self;
}

void Multiplexer::forget(const Channel& channel) {
    const u64 self = bit(channel.number());
    filled_ &= ~self;
    due_ &= ~self;
    resume_.fetch_and(~self, std::memory_order_relaxed);
    report_pending(usable_port());
}

/// Frames: half a line need not wait any longer. On a terminal it waits for its end, or for its channel's focus.
void Multiplexer::force(u64 channels) {
    if (mode_ != Mode::Framed) {
        return;
    }
    for (u64 rest = channels; rest != 0; rest &= rest - 1) {
        Channel& channel =
            *slots_[static_cast<unsigned>(std::countr_zero(rest))].channel.load(std::memory_order_relaxed);
        examine(channel);
        channel.due_until_ = channel.ring_.written();
        due_ |= bit(channel.number());
    }
}

/// What is left, for those who do not send: they pump as long as there is any. And asks for the UART's interrupt
/// exactly while it is what holds output back.
void Multiplexer::report_pending(SerialPort* port) {
    // On a terminal, half a line of another channel waits for no time to pass.
    const u64 waiting = (mode_ == Mode::Framed ? filled_ : due_) | (wire_.has_staged() ? staged : 0);
    if (waiting_.load(std::memory_order_relaxed) != waiting) {
        waiting_.store(waiting, std::memory_order_relaxed); // published by Handover::release()
    }
    const bool wanted = wire_.has_staged();
    if (port != nullptr && wanted != interrupt_wanted_) {
        interrupt_wanted_ = wanted;
        port->want_send_interrupt(wanted);
    }
}

void Multiplexer::wait_until_sent(const Channel& channel) {
    const u32 until = channel.ring_.written();
    unsigned idle = 0;
    for (u32 seen = channel.ring_.taken(); is_after(until, seen) && idle < patience && usable_port() != nullptr;) {
        hand_over(bit(channel.number()) | force_half_lines, channel.ring_.capacity());
        const u32 now = channel.ring_.taken();
        idle = now == seen ? idle + 1 : 0;
        seen = now;
        arch::relax();
    }
}

void Multiplexer::flush() {
    for (Slot& slot : slots_) {
        // Attaching and detaching need this lock, too, so that the channel stays.
        const Guard delivery(slot.delivery);
        if (const Channel* const channel = slot.channel.load(std::memory_order_relaxed)) {
            wait_until_sent(*channel);
        }
    }
    for (unsigned i = 0; i < patience && usable_port() != nullptr; ++i) {
        hand_over(0, send_budget);
        if ((waiting_.load(std::memory_order_relaxed) & staged) == 0) {
            return;
        }
        arch::relax();
    }
}

void Multiplexer::resume_writers() {
    u64 resumable = resume_.load(std::memory_order_relaxed) != 0 ? resume_.exchange(0, std::memory_order_acquire) : 0;
    while (resumable != 0) {
        const unsigned number = static_cast<unsigned>(std::countr_zero(resumable));
        resumable &= resumable - 1;
        Slot& slot = slots_[number];
        const Guard delivery(slot.delivery);
        if (slot.peer != nullptr) {
            slot.peer->resume_tx();
        }
    }
}

void Multiplexer::poll_input() {
    if (SerialPort* const port = port_.load(std::memory_order_acquire)) {
        input_.poll(*port, mode_, *this);
    }
}

void Multiplexer::deliver(unsigned channel, std::span<const u8> bytes) {
    if (bytes.empty() || channel >= max_channels) {
        return;
    }
    Slot& slot = slots_[channel];
    const Guard delivery(slot.delivery);
    if (slot.peer != nullptr) {
        slot.peer->receive(bytes);
    }
}

void Multiplexer::focus_and_say(unsigned number) {
    focus(number);
    std::array<char, 40> name;
    std::size_t size = 0;
    {
        const Guard delivery(slots_[number].delivery); // without it, a channel cannot go
        if (const Channel* const channel = slots_[number].channel.load(std::memory_order_relaxed)) {
            size = channel->name().copy(name.data(), name.size());
        }
    }
    if (size != 0) {
        log_always("console: focus on {}", std::string_view(name.data(), size));
    } else {
        log_always("console: focus on VM {}, which does not exist", contract::vm_of(number) + 1);
    }
}

void Multiplexer::emergency_write(unsigned channel, std::string_view text) {
    if (SerialPort* const port = port_.load(std::memory_order_acquire)) {
        emergency_.write(*port, mode_, channel, text);
    }
}

} // namespace trv::console
