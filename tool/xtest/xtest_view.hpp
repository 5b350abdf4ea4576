// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/prefixed_output.hpp"
#include "tool/run/view/view.hpp"
#include "tool/xtest/xtest_output.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace trv::tool::xtest {

/// Shows each test case of xtest as one line prefixed with its VM's name, failed ones with their output, and the output
/// of other programs. The kernel's messages and xtest's details are in the logs.
class XtestView final : public run::View {
  public:
    /// @param outputs  one per VM, in the machine's order; receive the lines
    XtestView(const std::vector<std::string>& vm_names, std::vector<XtestOutput>& outputs);

    void on_bytes(console::Channel channel, std::string_view bytes) override;
    void on_line(console::Channel channel, const std::string& line) override;
    void say(std::string_view message) override;

  private:
    void show(std::size_t vm, const XtestCase& ended);

    std::vector<XtestOutput>& outputs_;
    console::PrefixedOutput output_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

} // namespace trv::tool::xtest
