#include "console/multiplexer.hpp"

#include <bit>

namespace trv::console {
namespace {

/// Of a channel that is not in focus, bytes without a line end that go out all the same: sooner in frames, where a
/// switch costs two bytes, than on a terminal, where it breaks a line.
constexpr std::size_t framed_run = 64;
constexpr std::size_t plain_run = 512;
static_assert(framed_run < Channel::ring_size && plain_run < Channel::ring_size, "a full ring is always due");

/// What one byte of output may drain of all channels, so that the writer pays for its neighbours only in small coin.
constexpr std::size_t drain_per_byte = 128;

constexpr u64 bit(unsigned channel) {
    return u64{1} << channel;
}

} // namespace

void Multiplexer::start(SerialPort& port, Mode mode) {
    const Guard guard(lock_);
    port_ = &port;
    mode_ = mode;
    // The other side may have seen firmware's output before, and any of it may have looked like the first half of a
    // switch.
    if (mode_ == Mode::Framed) {
        stage_.put(encode_switch(current_));
    }
    // Pairs with the acquire of those who read it without the lock: they find the mode set, too.
    published_port_.store(&port, std::memory_order_release);
    force_all();
    drain(Channel::ring_size);
}

Result<void> Multiplexer::attach(Channel& channel, ChannelPeer* peer) {
    if (channel.number() >= max_channels) {
        return fail(Error::OutOfRange);
    }
    Slot& slot = slots_[channel.number()];
    const Guard delivery(slot.delivery);
    const Guard guard(lock_);
    if (slot.channel != nullptr) {
        return fail(Error::Busy);
    }
    slot.channel = &channel;
    slot.peer = peer;
    return {};
}

void Multiplexer::detach(Channel& channel) {
    if (channel.number() >= max_channels) {
        return;
    }
    Slot& slot = slots_[channel.number()];
    const Guard delivery(slot.delivery);
    drain_fully(channel);
    const Guard guard(lock_);
    if (slot.channel == &channel) {
        channel.ring_.clear();
        channel.lines_ = 0;
        update(channel);
        resume_ &= ~bit(channel.number());
        slot.channel = nullptr;
        slot.peer = nullptr;
    }
}

void Multiplexer::pump(std::size_t max_bytes) {
    {
        const Guard guard(lock_);
        force_all();
        drain(max_bytes);
    }
    resume_writers();
}

void Multiplexer::focus(unsigned channel) {
    if (channel >= max_channels) {
        return;
    }
    const Guard guard(lock_);
    focus_.store(channel, std::memory_order_relaxed);
    if (Channel* const focused = slots_[channel].channel) {
        update(*focused);
    }
    drain(Channel::ring_size);
}

bool Multiplexer::put(Channel& channel, u8 byte) {
    const Guard guard(lock_);
    if (slots_[channel.number()].channel != &channel || emergency_.load(std::memory_order_relaxed)) {
        return true;
    }
    if (may_pass(channel)) {
        select(channel.number());
        encode(channel, byte);
        want_interrupt();
        return true;
    }
    if (channel.ring_.space() == 0) {
        channel.starved_ = true;
        return false;
    }
    append(channel, byte);
    drain(drain_per_byte);
    channel.starved_ = channel.ring_.space() < Channel::low_space;
    return true;
}

std::size_t Multiplexer::write_some(Channel& channel, std::string_view text) {
    const Guard guard(lock_);
    if (slots_[channel.number()].channel != &channel || emergency_.load(std::memory_order_relaxed)) {
        return text.size();
    }
    std::size_t taken = 0;
    while (taken < text.size() && channel.ring_.space() != 0) {
        append(channel, static_cast<u8>(text[taken++]));
    }
    drain(Channel::ring_size);
    return port_ != nullptr ? taken : text.size();
}

void Multiplexer::drain_fully(Channel& channel) {
    for (unsigned i = 0; i < patience; ++i) {
        const Guard guard(lock_);
        if (slots_[channel.number()].channel != &channel || !may_send()) {
            return;
        }
        channel.forced_ = true;
        update(channel);
        drain(Channel::ring_size);
        if (channel.ring_.empty() && stage_.empty()) {
            return;
        }
    }
}

void Multiplexer::flush() {
    for (Slot& slot : slots_) {
        // Attaching and detaching need this lock, too, so that the channel stays.
        const Guard delivery(slot.delivery);
        if (slot.channel != nullptr) {
            drain_fully(*slot.channel);
        }
    }
}

void Multiplexer::resume_writers() {
    u64 resumable;
    {
        const Guard guard(lock_);
        resumable = resume_;
        resume_ = 0;
    }
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

void Multiplexer::append(Channel& channel, u8 byte) {
    // The callers saw room for it.
    if (channel.ring_.push(byte) && byte == '\n') {
        ++channel.lines_;
    }
    update(channel);
}

/// A byte may bypass its ring if its channel has nothing queued, no other channel has anything to send, and it does not
/// interrupt another channel's line.
bool Multiplexer::may_pass(const Channel& channel) const {
    if (port_ == nullptr || !stage_.empty() || due_ != 0 || !channel.ring_.empty()) {
        return false;
    }
    if (mode_ == Mode::Plain && channel.number() != focus_.load(std::memory_order_relaxed)) {
        return false;
    }
    return current_ == channel.number() || !line_open_;
}

bool Multiplexer::may_send() const {
    return port_ != nullptr && !emergency_.load(std::memory_order_relaxed);
}

/// Sends whole runs, in turn, until nothing is due, the budget is used up or the UART is full.
void Multiplexer::drain(std::size_t budget) {
    while (may_send() && budget > 0 && stage_.flush(*port_) && due_ != 0) {
        const unsigned next = next_due();
        Channel& channel = *slots_[next].channel;
        select(next);
        budget -= send_run(channel, budget);
    }
    want_interrupt();
}

/// Goes on with the current channel while it has a run to finish, else takes the next one that is due.
unsigned Multiplexer::next_due() const {
    if (line_open_ && run_ < max_run && (due_ & bit(current_)) != 0) {
        return current_;
    }
    const u64 later = current_ + 1 < max_channels ? due_ >> (current_ + 1) << (current_ + 1) : 0;
    return static_cast<unsigned>(std::countr_zero(later != 0 ? later : due_));
}

/// @return how many bytes it took from the ring: at least one if the stage is empty and the channel due
std::size_t Multiplexer::send_run(Channel& channel, std::size_t budget) {
    const u64 self = bit(channel.number());
    std::size_t sent = 0;
    while (sent < budget && (due_ & self) != 0 && may_send()) {
        const u8 byte = channel.ring_.pop();
        ++sent;
        if (byte == '\n') {
            --channel.lines_;
        }
        encode(channel, byte);
        update(channel);
        if (!stage_.empty() || ((byte == '\n' || run_ >= max_run) && (due_ & ~self) != 0)) {
            break;
        }
    }
    if (channel.starved_ && channel.ring_.space() >= Channel::ring_size / 2) {
        channel.starved_ = false;
        resume_ |= self;
    }
    return sent;
}

/// Keeps due_ and waiting_ true to the channel's ring.
void Multiplexer::update(Channel& channel) {
    const u64 self = bit(channel.number());
    const std::size_t size = channel.ring_.size();
    if (size == 0) {
        channel.forced_ = false;
    }
    const bool framed = mode_ == Mode::Framed;
    const bool focused = !framed && focus_.load(std::memory_order_relaxed) == channel.number();
    if (size >= (framed ? framed_run : plain_run)) {
        channel.forced_ = true; // all of it, not only what exceeds the bound
    }
    const bool due = channel.lines_ != 0 || (size != 0 && (channel.forced_ || focused));
    due_ = due ? due_ | self : due_ & ~self;
    // On a terminal, half a line of another channel waits for no time to pass.
    const bool waits = framed ? size != 0 : due;
    const u64 waiting = waiting_.load(std::memory_order_relaxed);
    waiting_.store(waits ? waiting | self : waiting & ~self, std::memory_order_relaxed);
}

/// Frames: half a line need not wait any longer. On a terminal it waits for its end, or for its channel's focus.
void Multiplexer::force_all() {
    if (mode_ != Mode::Framed) {
        return;
    }
    for (u64 rest = waiting_.load(std::memory_order_relaxed); rest != 0; rest &= rest - 1) {
        Channel& channel = *slots_[static_cast<unsigned>(std::countr_zero(rest))].channel;
        channel.forced_ = true;
        update(channel);
    }
}

/// Asks for the UART's interrupt exactly while it is what holds output back.
void Multiplexer::want_interrupt() {
    const bool wanted = port_ != nullptr && !stage_.empty();
    if (wanted != interrupt_wanted_) {
        interrupt_wanted_ = wanted;
        port_->want_send_interrupt(wanted);
    }
}

} // namespace trv::console
