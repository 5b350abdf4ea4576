// SPDX-License-Identifier: Apache-2.0
#include "console/host_line.hpp"

namespace trv::console {

bool HostLine::put(u8 byte) {
    const Guard guard(lock_);
    ring_.put(byte);
    return true;
}

Result<void> HostLine::attach(ChannelPeer* peer) {
    const Guard guard(delivery_);
    if (peer_ != nullptr) {
        return fail(Error::Busy);
    }
    peer_ = peer;
    return {};
}

bool HostLine::try_detach() {
    const Guard guard(delivery_);
    peer_ = nullptr;
    return true;
}

HostLine::Taken HostLine::take(std::span<u8> to, Gap gap) {
    const Guard guard(lock_);
    const u64 from = std::max(taken_, ring_.begin());
    const u64 lost = from - taken_;
    if (lost != 0 && gap == Gap::Keep) {
        return {0, 0};
    }
    taken_ = ring_.copy(from, to);
    return {static_cast<std::size_t>(taken_ - from), lost};
}

bool HostLine::has_output() const {
    const Guard guard(lock_);
    return taken_ != ring_.end();
}

std::size_t HostLine::write(std::span<const u8> bytes) {
    const Guard guard(delivery_);
    if (peer_ == nullptr) {
        return 0;
    }
    const std::size_t taken = std::min(bytes.size(), peer_->input_room());
    if (taken != 0) {
        peer_->receive(bytes.first(taken));
    }
    return taken;
}

} // namespace trv::console
