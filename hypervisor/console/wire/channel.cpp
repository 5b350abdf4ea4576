// SPDX-License-Identifier: Apache-2.0
#include "console/wire/channel.hpp"

#include "arch/cpu/clock.hpp"
#include "console/wire/multiplexer.hpp"
#include "contract/events.hpp"
#include "lib/format.hpp"

namespace trv::console {

bool Channel::put(u8 byte) {
    if (!attached_.load(std::memory_order_relaxed)) {
        return true;
    }
    const bool taken = ring_.push(byte);
    if (taken && byte == '\n') {
        line_end_.store(ring_.written(), std::memory_order_relaxed); // send() publishes it
    }
    if (ring_.space() < low_space) {
        starved_.store(true, std::memory_order_seq_cst);
    }
    return taken;
}

void Channel::send() {
    multiplexer_.send(*this);
    multiplexer_.report_left();
}

Result<void> Channel::attach(ChannelPeer* peer) {
    return multiplexer_.attach(*this, peer);
}

bool Channel::try_detach() {
    return multiplexer_.try_detach(*this);
}

void Channel::detach() {
    multiplexer_.detach(*this);
}

void Channel::write(std::string_view text) {
    if (!append(text, Attempt::First)) {
        multiplexer_.send(*this); // makes room, if the UART takes anything and no other CPU is sending
        (void)append(text, Attempt::Last);
    }
    multiplexer_.send(*this);
}

void Channel::write_through(std::string_view text) {
    while (!text.empty() && multiplexer_.takes(*this)) {
        const std::string_view piece = text.substr(0, ring_.space());
        ring_.push(piece);
        text.remove_prefix(piece.size());
        multiplexer_.wait_until_sent(*this);
        if (ring_.space() == 0) {
            return; // the UART is dead
        }
    }
}

bool Channel::append(std::string_view text, Attempt attempt) {
    const Guard guard(writing_);
    if (!multiplexer_.takes(*this)) {
        return true; // and dropped, as it could never be seen
    }
    std::array<char, 80> buffer;
    using contract::Member;
    std::string_view notice;
    if (dropped_ != 0) {
        notice = number_ == event_channel
                     ? format_to(buffer, "{\"{}\":\"{}\",\"{}\":{},\"{}\":{}}\n", name_of(Member::Event),
                                 name_of(contract::Event::Dropped), name_of(Member::Ns),
                                 arch::nanoseconds_since_entry(), name_of(Member::Bytes), dropped_)
                     : format_to(buffer, "console: {} bytes dropped here: the UART is too slow\n", dropped_);
    }
    if (notice.size() + text.size() > ring_.space()) {
        dropped_ += attempt == Attempt::Last ? text.size() : 0;
        return false;
    }
    dropped_ = 0;
    ring_.push(notice);
    ring_.push(text);
    if (const std::size_t last = text.rfind('\n'); last != std::string_view::npos || !notice.empty()) {
        const std::size_t rest = last != std::string_view::npos ? text.size() - last - 1 : text.size();
        line_end_.store(ring_.written() - static_cast<u32>(rest), std::memory_order_relaxed); // send() publishes it
    }
    return true;
}

} // namespace trv::console
