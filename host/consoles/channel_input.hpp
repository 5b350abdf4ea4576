// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/manager/manager.hpp"
#include "tool/support/event_loop.hpp"

#include <string>
#include <string_view>

namespace trv::host::consoles {

/// Writes to a VM's channel; what the VM has no room for yet is kept, and follows later.
class ChannelInput {
  public:
    /// @param loop  the caller's, which outlives this object
    ChannelInput(manager::Manager& manager, contract::ChannelNumber channel, tool::EventLoop& loop);
    ChannelInput(const ChannelInput&) = delete;
    ChannelInput& operator=(const ChannelInput&) = delete;

    [[nodiscard]] tool::Result<void> write(std::string_view bytes);

  private:
    [[nodiscard]] tool::Result<void> send();

    manager::Manager& manager_;
    contract::ChannelNumber channel_;
    std::string pending_;
    tool::Deadline retry_;
    tool::EventLoop::Source source_;
};

} // namespace trv::host::consoles
