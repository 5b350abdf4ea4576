// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/escape_keys.hpp"
#include "tool/console/raw_terminal.hpp"
#include "tool/run/view/view.hpp"

#include <filesystem>

namespace trv::tool::run {

/// Attaches the user's terminal to one VM's console; Ctrl-] starts an escape key (console::EscapeKeys). Input that is
/// not a terminal is passed on unchanged, until it ends.
class InteractiveView final : public View {
  public:
    /// @param focus  index of the VM whose console to attach first
    InteractiveView(std::vector<std::string> vm_names, unsigned focus, std::filesystem::path hypervisor_log);

    void on_bytes(console::Channel channel, std::string_view bytes) override;
    void on_line(console::Channel channel, const std::string& line) override;
    [[nodiscard]] int input() const override { return input_; }
    [[nodiscard]] std::vector<UserInput> read_input() override;
    void say(std::string_view message) override;

  private:
    void select(unsigned vm);
    void act(const console::Typed& typed, std::vector<UserInput>& inputs);

    std::vector<std::string> vm_names_;
    unsigned focus_;
    std::filesystem::path hypervisor_log_;
    int input_;
    console::RawTerminal terminal_;
    console::EscapeKeys keys_;
};

} // namespace trv::tool::run
