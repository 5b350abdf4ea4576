#pragma once

#include "tool/control/connection.hpp"
#include "tool/control/control_request.hpp"
#include "tool/support/error.hpp"

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::control {

/// What a client wants sent to the machine.
struct ControlInput {
    std::optional<unsigned> vm{}; // its console; none: the monitor
    std::string text{};
    bool for_agent = false; // a line for the VM's agent instead
};

/// Lets other commands take part in a run: they ask the hypervisor's monitor, attach to a VM's console, or
/// talk with its agent. Knows nothing of the machine but what it is told.
class ControlServer {
  public:
    /// Listens in the run's folder.
    [[nodiscard]] static Result<ControlServer> create(const std::filesystem::path& folder,
                                                      std::vector<std::string> vm_names);

    /// Readable when serve() has something to do.
    [[nodiscard]] int descriptor() const { return poll_.get(); }

    /// Takes in new clients and what they sent; returns what goes to the machine, in order.
    [[nodiscard]] std::vector<ControlInput> serve();

    /// A VM's console said something.
    void on_console(unsigned vm, std::string_view bytes);

    /// A VM's agent said something: a greeting for all of its clients, or an answer for one.
    void on_agent(unsigned vm, const std::string& line);

    /// The VM's agent, if there was one, is gone until it greets again.
    void on_stopped(const std::string& vm);

    /// The monitor replied. It answers each command, in order.
    void on_reply(const std::string& line);

    /// The run itself sends the monitor a command: its reply is for no client.
    void on_own_command() { asked_.push_back(no_client); }

  private:
    static constexpr unsigned no_client = 0;

    ControlServer(FileDescriptor socket, FileDescriptor poll, std::vector<std::string> vm_names)
        : socket_{std::move(socket)}, poll_{std::move(poll)}, vm_names_{std::move(vm_names)} {}

    void accept_clients();
    void hear(Connection& client, std::vector<ControlInput>& inputs);
    void answer(Connection& client, const std::string& line, std::vector<ControlInput>& inputs);
    void attach(Connection& client, const ControlRequest& request);
    void watch(const Connection& client) const;
    void forget_gone();

    FileDescriptor socket_;
    FileDescriptor poll_; // of epoll: one descriptor that stands for all
    std::vector<std::string> vm_names_;
    std::set<unsigned> agents_; // VMs whose agent is up
    std::vector<std::unique_ptr<Connection>> clients_;
    std::deque<unsigned> asked_; // clients whose reply is to come
    unsigned next_id_ = no_client + 1;
};

} // namespace trv::tool::control
