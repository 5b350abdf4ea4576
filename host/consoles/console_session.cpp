// SPDX-License-Identifier: Apache-2.0
#include "host/consoles/console_session.hpp"

#include "host/consoles/channel_input.hpp"
#include "tool/console/escape_keys.hpp"
#include "tool/console/raw_terminal.hpp"
#include "tool/support/event_loop.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace trv::host::consoles {

namespace {

using tool::Result;

constexpr std::string_view keys_help = "\r\nCtrl-] and then:\r\n"
                                       "  q       detach; the VM keeps running\r\n"
                                       "  Ctrl-]  send Ctrl-] itself to the VM\r\n";

class ConsoleSession {
  public:
    ConsoleSession(manager::Manager manager, std::unique_ptr<ChannelWatch> watch, std::string name, unsigned index)
        : manager_{std::move(manager)}, watch_{std::move(watch)}, name_{std::move(name)},
          channel_{contract::console_channel(index)}, typed_{manager_, channel_, loop_} {}

    Result<void> run(tool::SignalWatch& signals) {
        if (const auto first = show_output(); !first) {
            return tool::failure("VM " + name_, "its console cannot be read here: " + first.error().what,
                                 "VMs of the machine's description have theirs on the machine's own console.");
        }
        say("console of VM {}; Ctrl-] q detaches");
        const auto output = loop_.on_input(watch_->descriptor(), [this]() -> Result<void> {
            (void)TRY(watch_->take());
            TRY(show_output());
            watch_->next();
            return {};
        });
        input_ = loop_.on_input(STDIN_FILENO, [this] { return take_input(); });
        const auto interrupt = loop_.on_signal(signals, [this](int) { open_ = false; });
        while (open_) {
            TRY(loop_.step());
        }
        return {};
    }

  private:
    void say(fmt::string_view words) {
        if (terminal_.is_raw()) {
            fmt::print(stderr, "\r[trivisorctl: {}]\r\n", fmt::format(fmt::runtime(words), name_));
        }
    }

    Result<void> show_output() {
        for (;;) {
            const auto output = TRY(manager_.read(channel_));
            if (output.lost != 0) {
                say("output of VM {} was lost here");
            }
            if (output.bytes.empty()) {
                return {};
            }
            std::fwrite(output.bytes.data(), 1, output.bytes.size(), stdout);
            std::fflush(stdout);
        }
    }

    Result<void> take_input() {
        std::array<char, 4096> bytes;
        const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (got <= 0) {
            input_ = {};
            return {};
        }
        const std::string_view text{bytes.data(), static_cast<std::size_t>(got)};
        if (!terminal_.is_raw()) {
            return typed_.write(text);
        }
        for (const auto& typed : keys_.feed(text)) {
            if (typed.kind == tool::console::Typed::Kind::Text) {
                TRY(typed_.write(typed.text));
            } else if (typed.kind == tool::console::Typed::Kind::Quit) {
                open_ = false;
            } else {
                fmt::print(stderr, "{}", keys_help);
            }
        }
        return {};
    }

    manager::Manager manager_;
    std::unique_ptr<ChannelWatch> watch_;
    std::string name_;
    contract::ChannelNumber channel_;
    tool::console::RawTerminal terminal_{STDIN_FILENO};
    tool::console::EscapeKeys keys_;
    tool::EventLoop loop_;
    ChannelInput typed_;
    tool::EventLoop::Source input_; // until it ends
    bool open_ = true;
};

} // namespace

Result<void> run_console(const Connect& connect, const std::string& name, unsigned index) {
    auto manager = TRY(connect());
    auto signals = TRY(tool::SignalWatch::create()); // before the watch, whose thread must not get them
    auto watch = TRY(ChannelWatch::start(manager, manager::bit_of(contract::console_channel(index))));
    ConsoleSession session{std::move(manager), std::move(watch), name, index};
    return session.run(signals);
}

} // namespace trv::host::consoles
