// SPDX-License-Identifier: Apache-2.0
#include "tool/control/console_session.hpp"

#include "tool/console/escape_keys.hpp"
#include "tool/console/raw_terminal.hpp"
#include "tool/control/control_client.hpp"
#include "tool/support/event_loop.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace trv::tool::control {

namespace {

constexpr std::string_view keys_help = "\r\nCtrl-] and then:\r\n"
                                       "  q       detach; the machine keeps running\r\n"
                                       "  Ctrl-]  send Ctrl-] itself to the VM\r\n";

class ConsoleSession {
  public:
    ConsoleSession(FileDescriptor socket, const std::string& vm) : socket_{std::move(socket)} {
        if (terminal_.is_raw()) {
            fmt::print(stderr, "\r[trivisor: console of VM {}; Ctrl-] q detaches]\r\n", vm);
        }
    }

    Result<void> run() {
        auto signals = TRY(SignalWatch::create());
        const auto output = loop_.on_input(socket_.get(), [this] { show_output(); });
        input_ = loop_.on_input(STDIN_FILENO, [this] { take_input(); });
        const auto interrupt = loop_.on_signal(signals, [this](int) { open_ = false; });
        while (open_) {
            TRY(loop_.step());
        }
        if (machine_ended_ && terminal_.is_raw()) {
            fmt::print(stderr, "\r\n[trivisor: the machine has ended]\r\n");
        }
        return {};
    }

  private:
    void show_output() {
        std::array<char, 4096> bytes;
        const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (got <= 0) {
            machine_ended_ = true;
            open_ = false;
            return;
        }
        std::fwrite(bytes.data(), 1, static_cast<std::size_t>(got), stdout);
        std::fflush(stdout);
    }

    void take_input() {
        std::array<char, 4096> bytes;
        const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (got <= 0) {
            input_ = {};
            return;
        }
        const std::string_view text{bytes.data(), static_cast<std::size_t>(got)};
        if (!terminal_.is_raw()) {
            send(text);
            return;
        }
        for (const auto& typed : keys_.feed(text)) {
            if (typed.kind == console::Typed::Kind::Text) {
                send(typed.text);
            } else if (typed.kind == console::Typed::Kind::Quit) {
                open_ = false;
            } else {
                fmt::print(stderr, "{}", keys_help);
            }
        }
    }

    void send(std::string_view text) {
        while (open_ && !text.empty()) {
            const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            open_ = sent > 0;
            text.remove_prefix(open_ ? static_cast<std::size_t>(sent) : 0);
        }
    }

    FileDescriptor socket_;
    console::RawTerminal terminal_{STDIN_FILENO};
    console::EscapeKeys keys_;
    EventLoop loop_;
    EventLoop::Source input_; // until it ends
    bool open_ = true;
    bool machine_ended_ = false;
};

} // namespace

Result<void> run_console(const std::filesystem::path& run_folder, const std::string& vm) {
    ConsoleSession session{TRY(attach_console(run_folder, vm)), vm};
    return session.run();
}

} // namespace trv::tool::control
