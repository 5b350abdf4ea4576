// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/line_splitter.hpp"

#include <string>
#include <string_view>

namespace trv::tool::run {

/// Lets a machine without the hypervisor appear to a run as one with it, whose only VM is the system on it: in frames on
/// channels, with the events that the hypervisor would send.
class BareFrames {
  public:
    /// @param vm  the VM's name to the run
    explicit BareFrames(std::string vm) : vm_{std::move(vm)} {}

    // Each returns frames.
    [[nodiscard]] std::string on_start() const;
    [[nodiscard]] std::string on_console(std::string_view bytes);
    [[nodiscard]] std::string on_agent(std::string_view bytes) const;
    /// A command to the hypervisor's monitor.
    [[nodiscard]] std::string on_command(std::string_view command) const;
    [[nodiscard]] std::string on_end() const;

  private:
    std::string vm_;
    console::LineSplitter lines_{};
    unsigned boots_ = 0;
};

} // namespace trv::tool::run
