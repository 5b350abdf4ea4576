// SPDX-License-Identifier: Apache-2.0
#include "host/consoles/channel_input.hpp"

namespace trv::host::consoles {

namespace {

/// A VM's UART is 4 KiB deep, which its driver takes out in a few milliseconds.
constexpr double retry_seconds = 0.02;
/// The UART's depth, and room for more: a guest that never reads must not fill the host's memory.
constexpr std::size_t most_pending = 1024 * 1024;

} // namespace

ChannelInput::ChannelInput(manager::Manager& manager, contract::ChannelNumber channel, tool::EventLoop& loop)
    : manager_{manager}, channel_{channel}, source_{loop.on_deadline(retry_, [this] { return send(); })} {}

tool::Result<void> ChannelInput::write(std::string_view bytes) {
    if (pending_.size() + bytes.size() <= most_pending) {
        pending_ += bytes;
    }
    return retry_.is_set() ? tool::Result<void>{} : send();
}

tool::Result<void> ChannelInput::send() {
    const auto taken =
        TRY(manager_.write(channel_, std::string_view{pending_}.substr(0, contract::manager::largest_piece)));
    pending_.erase(0, taken);
    if (!pending_.empty()) {
        retry_.set(retry_seconds);
    }
    return {};
}

} // namespace trv::host::consoles
