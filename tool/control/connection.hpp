// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/line_splitter.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/file_descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::control {

/// The server's end of one client.
class Connection {
  public:
    enum class State {
        Asking,   // its request is to come
        Waiting,  // for the hypervisor's reply
        Attached, // to a VM's console, until it disconnects
        Agent,    // talks with a VM's agent, line by line, until it leaves
        Tee,      // hears OP-TEE's lines for a VM, until it leaves
        Events,   // hears the machine's events, until it leaves
        Leaving,  // once its answer is sent
        Gone,
    };

    Connection(FileDescriptor socket, unsigned id) : socket_{std::move(socket)}, id_{id} {}

    /// The loop's source with its descriptor, while it lives.
    void keep(EventLoop::Source source) { source_ = std::move(source); }

    /// Reads its input; closed at the end of it.
    [[nodiscard]] std::string receive();

    /// Queues bytes for it, and sends as many as possible. Drops a client that does not read.
    void send(std::string_view bytes);
    void flush();

    void attach(unsigned vm, State state) {
        vm_ = vm;
        state_ = state;
    }
    void wait() { state_ = State::Waiting; }
    void leave();

    [[nodiscard]] unsigned id() const { return id_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] unsigned vm() const { return vm_; }
    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }

    /// Its line-based input: its request, and requests to an agent.
    console::LineSplitter& lines() { return lines_; }

  private:
    FileDescriptor socket_;
    EventLoop::Source source_;
    unsigned id_; // not reused, unlike the descriptor's number
    State state_ = State::Asking;
    unsigned vm_ = 0;
    std::string unsent_;
    console::LineSplitter lines_;
};

} // namespace trv::tool::control
