// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/prefixed_output.hpp"
#include "tool/run/view/view.hpp"

namespace trv::tool::run {

/// Prints the VMs' console lines to standard output, each prefixed with its VM's name.
class StreamingView final : public View {
  public:
    explicit StreamingView(const std::vector<std::string>& vm_names);

    void on_bytes(console::Channel channel, std::string_view bytes) override;
    void on_line(console::Channel channel, const std::string& line) override;
    void say(std::string_view message) override;

  private:
    std::size_t vm_count_;
    console::PrefixedOutput output_;
};

} // namespace trv::tool::run
