// SPDX-License-Identifier: Apache-2.0
#include "host/commands/definitions.hpp"
#include "host/commands/monitor_reply.hpp"
#include "tool/console/raw_terminal.hpp"
#include "tool/control/vm_tables.hpp"
#include "tool/support/event_loop.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace trv::host::commands {

namespace {

using contract::monitor::Command;

constexpr const char* home_and_clear = "\x1b[H\x1b[J";
constexpr double refresh_seconds = 2;

/// In a raw terminal a line feed does not return to the line's start.
std::string for_terminal(const std::string& text) {
    std::string out;
    for (const char letter : text) {
        out += letter == '\n' ? std::string{"\r\n"} : std::string{letter};
    }
    return out;
}

tool::Result<int> show_top(const consoles::Connect& connect) {
    auto manager = TRY(connect());
    auto signals = TRY(tool::SignalWatch::create());
    const tool::console::RawTerminal terminal{STDIN_FILENO};
    tool::EventLoop loop;
    bool open = true;
    tool::Deadline refresh;
    const auto show = [&]() -> tool::Result<void> {
        const auto text = tool::control::table_for(Command::Stats, TRY(ask(manager, Command::Stats)));
        fmt::print("{}{}q quits\r\n", home_and_clear, for_terminal(text));
        std::fflush(stdout);
        refresh.set(refresh_seconds);
        return {};
    };
    const auto again = loop.on_deadline(refresh, show);
    const auto interrupt = loop.on_signal(signals, [&](int) { open = false; });
    const auto key = loop.on_input(STDIN_FILENO, [&] {
        char letter = 0;
        constexpr char control_c = 3;
        open = ::read(STDIN_FILENO, &letter, 1) == 1 && letter != 'q' && letter != control_c;
    });
    TRY(show());
    while (open) {
        TRY(loop.step());
    }
    return 0;
}

} // namespace

void add_top(CLI::App& app, Action& action) {
    app.add_subcommand("top", "Show the statistics of all VMs, again and again (q quits)")->callback([&action] {
        action = show_top;
    });
}

} // namespace trv::host::commands
