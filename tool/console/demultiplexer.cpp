// SPDX-License-Identifier: Apache-2.0
#include "tool/console/demultiplexer.hpp"

namespace trv::tool::console {

Demultiplexer::Demultiplexer(Listener& listener)
    : listener_{listener}, decoder_{[this](Channel channel, std::string_view bytes) { on_run(channel, bytes); }} {}

void Demultiplexer::on_run(Channel channel, std::string_view bytes) {
    listener_.on_bytes(channel, bytes);
    if (channel == contract::trace_channel) {
        return;
    }
    LineSplitter& splitter = splitters_.at(channel);
    splitter.feed(bytes);
    while (const auto line = splitter.next()) {
        listener_.on_line(channel, *line);
    }
}

void Demultiplexer::finish() {
    for (std::size_t channel = 0; channel < splitters_.size(); ++channel) {
        if (const auto line = splitters_[channel].rest()) {
            listener_.on_line(static_cast<Channel>(channel), *line);
        }
    }
}

} // namespace trv::tool::console
