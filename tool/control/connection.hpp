#pragma once

#include "tool/console/line_splitter.hpp"
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
        Attached, // to a VM's console, until it leaves
        Agent,    // talks with a VM's agent, line by line, until it leaves
        Leaving,  // once its answer is sent
        Gone,
    };

    Connection(FileDescriptor socket, unsigned id) : socket_{std::move(socket)}, id_{id} {}

    /// Reads what it sent; at its end it is gone.
    [[nodiscard]] std::string receive();

    /// Queues bytes for it, and sends what goes. One that does not read what it asked for is dropped.
    void send(std::string_view bytes);
    void flush();

    void attach(unsigned vm, State state) {
        vm_ = vm;
        state_ = state;
    }
    void wait() { state_ = State::Waiting; }
    void leave();

    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] unsigned id() const { return id_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] unsigned vm() const { return vm_; }
    [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }

    /// What it sent as far as lines matter: its request, and an agent's requests.
    console::LineSplitter& lines() { return lines_; }

  private:
    FileDescriptor socket_;
    unsigned id_; // never used again, as the descriptor's number is
    State state_ = State::Asking;
    unsigned vm_ = 0;
    std::string unsent_;
    console::LineSplitter lines_;
};

} // namespace trv::tool::control
