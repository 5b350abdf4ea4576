// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/demultiplexer.hpp"
#include "tool/console/prefixed_output.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::run {

/// The user's input for the machine.
struct UserInput {
    unsigned vm = 0;
    std::string text{}; // for that VM's console
    bool quit = false;
};

/// A run's user interface: streamed lines, or a terminal on one VM.
class View : public console::Listener {
  public:
    /// For an EventLoop: a descriptor with the user's input; -1: none, or no more.
    [[nodiscard]] virtual int input() const { return -1; }

    /// Reads what the user typed; called when `input` is readable.
    [[nodiscard]] virtual std::vector<UserInput> read_input() { return {}; }

    /// Shows a message of the command itself.
    virtual void say(std::string_view message) = 0;
};

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
