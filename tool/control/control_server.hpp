// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/control/connection.hpp"
#include "tool/control/control_request.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/tee/tee_line.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::control {

/// A client's input for the machine.
struct ControlInput {
    std::optional<unsigned> vm{}; // its console; none: the monitor
    std::string text{};
    bool for_agent = false; // a line for the VM's agent instead
};

/// What a run does for the clients of its control socket.
class ControlOwner {
  public:
    /// Takes a client's input for the machine; called in its order.
    virtual void take(ControlInput input) = 0;

    /// Passes on what OP-TEE has written up to now, with on_tee_line(): a new client hears only what comes later.
    virtual void catch_up_with_tee() = 0;

  protected:
    ~ControlOwner() = default;
};

/// Lets other commands take part in a run: they send commands to the hypervisor's monitor, attach to a VM's console, use
/// its agent, or hear events and OP-TEE's lines. It does not access the machine itself.
class ControlServer {
  public:
    /// Accepts clients and reads their input while the loop, which must outlive it, runs.
    /// @param socket  listening, see listen_in()
    ControlServer(EventLoop& loop, FileDescriptor socket, std::vector<std::string> vm_names, ControlOwner& owner);
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;
    ~ControlServer() = default;

    /// Call this with output of a VM's console.
    void on_console(unsigned vm, std::string_view bytes);

    /// Call this with a line from a VM's agent: a greeting for all its clients, or a reply for one.
    void on_agent(unsigned vm, const std::string& line);

    /// The VM's agent, if any, is gone until its next greeting.
    void on_stopped(const std::string& vm);

    /// The hypervisor reported an event that is not a reply.
    void on_event(const std::string& line);

    /// OP-TEE wrote a line. It is for the clients of all VMs, except a line about another VM.
    void on_tee_line(const std::string& line);

    /// OP-TEE knows the VM by this number from now on.
    void on_guest(const std::string& vm, unsigned guest);

    /// Whether a client hears OP-TEE's lines.
    [[nodiscard]] bool has_tee_client() const;

    /// The monitor replied. It answers each command, in order.
    void on_reply(const std::string& line);

    /// The run itself has sent a command to the monitor; its reply is for no client.
    void on_own_command() { asked_.push_back(no_client); }

  private:
    static constexpr unsigned no_client = 0;

    void accept_clients();
    void serve(Connection& client);
    void hear(Connection& client);
    void answer(Connection& client, const std::string& line);
    void attach(Connection& client, const ControlRequest& request);
    void send_to(Connection::State state, std::optional<unsigned> vm, std::string_view bytes);
    [[nodiscard]] std::optional<unsigned> number_of(const std::string& vm) const;
    void forget_gone();

    EventLoop& loop_;
    FileDescriptor socket_;
    EventLoop::Source source_;
    std::vector<std::string> vm_names_;
    ControlOwner& owner_;
    std::vector<tee::OthersLines> tee_lines_; // of each VM
    std::set<unsigned> agents_;               // VMs whose agent is up
    std::vector<std::unique_ptr<Connection>> clients_;
    std::deque<unsigned> asked_; // clients that wait for a reply
    unsigned next_id_ = no_client + 1;
};

} // namespace trv::tool::control
