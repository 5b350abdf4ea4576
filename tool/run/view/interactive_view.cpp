// SPDX-License-Identifier: Apache-2.0
#include "tool/run/view/interactive_view.hpp"

#include "tool/console/printable.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace trv::tool::run {

namespace {

constexpr std::size_t shown_log_lines = 200;

void show(std::string_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    std::fflush(stdout);
}

} // namespace

InteractiveView::InteractiveView(std::vector<std::string> vm_names, unsigned focus,
                                 std::filesystem::path hypervisor_log)
    : vm_names_{std::move(vm_names)}, focus_{focus}, hypervisor_log_{std::move(hypervisor_log)}, input_{STDIN_FILENO},
      terminal_{STDIN_FILENO} {
    if (terminal_.is_raw()) {
        say(fmt::format("console of VM {}; Ctrl-] q quits, Ctrl-] ? shows more keys", vm_names_.at(focus_)));
    }
}

void InteractiveView::on_bytes(console::Channel channel, std::string_view bytes) {
    if (channel == contract::console_channel(focus_)) {
        show(bytes);
    }
}

void InteractiveView::on_line(console::Channel /*channel*/, const std::string& /*line*/) {}

void InteractiveView::say(std::string_view message) {
    fmt::print(stderr, "\r[trivisor: {}]\n", message);
}

std::vector<UserInput> InteractiveView::read_input() {
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(input_, bytes.data(), bytes.size());
    if (got <= 0) {
        input_ = -1;
        return {};
    }
    const std::string_view typed_bytes{bytes.data(), static_cast<std::size_t>(got)};
    if (!terminal_.is_raw()) {
        return {{.vm = focus_, .text = std::string{typed_bytes}}};
    }
    std::vector<UserInput> inputs;
    for (const auto& typed : keys_.feed(typed_bytes)) {
        act(typed, inputs);
    }
    return inputs;
}

void InteractiveView::act(const console::Typed& typed, std::vector<UserInput>& inputs) {
    using Kind = console::Typed::Kind;
    switch (typed.kind) {
    case Kind::Text:
        inputs.push_back({.vm = focus_, .text = typed.text});
        break;
    case Kind::Quit:
        inputs.push_back({.quit = true});
        break;
    case Kind::SelectVm:
        select(typed.number - 1);
        break;
    case Kind::NextVm:
        select((focus_ + 1) % static_cast<unsigned>(vm_names_.size()));
        break;
    case Kind::HypervisorLog:
        show("\n" + last_lines(hypervisor_log_, shown_log_lines) + "\n");
        break;
    case Kind::Help:
        show(console::escape_help(vm_names_));
        break;
    }
}

void InteractiveView::select(unsigned vm) {
    if (vm >= vm_names_.size()) {
        say(fmt::format("no VM {}", vm + 1));
        return;
    }
    focus_ = vm;
    say(fmt::format("console of VM {}", vm_names_[vm]));
}

} // namespace trv::tool::run
