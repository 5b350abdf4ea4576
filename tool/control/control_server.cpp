// SPDX-License-Identifier: Apache-2.0
#include "tool/control/control_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>

namespace trv::tool::control {

using State = Connection::State;

ControlServer::ControlServer(EventLoop& loop, FileDescriptor socket, std::vector<std::string> vm_names,
                             ControlOwner& owner)
    : loop_{loop}, socket_{std::move(socket)}, source_{loop.on_input(socket_.get(), [this] { accept_clients(); })},
      vm_names_{std::move(vm_names)}, owner_{owner}, tee_lines_(vm_names_.size()) {}

void ControlServer::accept_clients() {
    for (;;) {
        FileDescriptor socket{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!socket) {
            return;
        }
        const int descriptor = socket.get();
        auto& client = *clients_.emplace_back(std::make_unique<Connection>(std::move(socket), next_id_++));
        client.keep(loop_.on_input_or_output(
            descriptor, [&client] { return client.has_unsent(); }, [this, &client] { serve(client); }));
    }
}

void ControlServer::serve(Connection& client) {
    client.flush();
    hear(client);
    forget_gone();
}

void ControlServer::hear(Connection& client) {
    std::string bytes = client.receive();
    if (bytes.empty() || client.state() == State::Waiting || client.state() == State::Leaving) {
        return; // no client sends more after a request
    }
    if (client.state() == State::Asking) {
        client.lines().feed(bytes);
        const auto line = client.lines().next();
        if (!line) {
            return;
        }
        answer(client, *line);
        bytes = client.lines().rest().value_or("");
    }
    if (client.state() == State::Attached && !bytes.empty()) {
        owner_.take({.vm = client.vm(), .text = std::move(bytes)});
    } else if (client.state() == State::Agent) {
        client.lines().feed(bytes);
        while (auto line = client.lines().next()) { // whole lines: the run's own requests go the same way
            owner_.take({.vm = client.vm(), .text = *std::move(line) + "\n", .for_agent = true});
        }
    }
}

void ControlServer::answer(Connection& client, const std::string& line) {
    const auto request = parse_control_request(line);
    if (!request) {
        client.send(error_line("not a valid request"));
        client.leave();
        return;
    }
    if (request->kind == ControlRequest::Kind::Command) {
        asked_.push_back(client.id());
        client.wait();
        owner_.take({.vm = std::nullopt, .text = request->text + "\n"});
        return;
    }
    attach(client, *request);
}

void ControlServer::attach(Connection& client, const ControlRequest& request) {
    using Kind = ControlRequest::Kind;
    const auto vm = request.kind == Kind::Events ? std::optional{0U} : number_of(request.text);
    if (!vm) {
        client.send(error_line("no such VM in this machine"));
        client.leave();
        return;
    }
    if (request.kind == Kind::Agent) {
        client.send(agent_line(agent_ids_start + client.id() * agent_ids_of_client, agents_.contains(*vm)));
        client.attach(*vm, State::Agent);
        return;
    }
    if (request.kind == Kind::Tee) {
        owner_.catch_up_with_tee();
    }
    client.send(ok_line());
    client.attach(*vm, request.kind == Kind::Events ? State::Events
                       : request.kind == Kind::Tee  ? State::Tee
                                                    : State::Attached);
}

std::optional<unsigned> ControlServer::number_of(const std::string& vm) const {
    const auto found = std::ranges::find(vm_names_, vm);
    return found == vm_names_.end() ? std::nullopt : std::optional{static_cast<unsigned>(found - vm_names_.begin())};
}

void ControlServer::on_agent(unsigned vm, const std::string& line) {
    const bool greeting = line.starts_with("hello ");
    unsigned id = 0;
    if (greeting) {
        agents_.insert(vm);
    } else if (const std::size_t space = line.find(' '); space != std::string::npos) {
        std::from_chars(line.data() + space + 1, line.data() + line.size(), id);
    }
    const unsigned owner = id < agent_ids_start ? no_client : (id - agent_ids_start) / agent_ids_of_client;
    for (const auto& client : clients_) {
        if (client->state() == State::Agent && client->vm() == vm && (greeting || client->id() == owner)) {
            client->send(line + "\n");
        }
    }
    forget_gone();
}

void ControlServer::on_stopped(const std::string& vm) {
    agents_.erase(number_of(vm).value_or(0));
}

void ControlServer::send_to(State state, std::optional<unsigned> vm, std::string_view bytes) {
    for (const auto& client : clients_) {
        if (client->state() == state && (!vm || client->vm() == *vm)) {
            client->send(bytes);
        }
    }
    forget_gone();
}

void ControlServer::on_console(unsigned vm, std::string_view bytes) {
    send_to(State::Attached, vm, bytes);
}

void ControlServer::on_event(const std::string& line) {
    send_to(State::Events, std::nullopt, line + "\n");
}

void ControlServer::on_tee_line(const std::string& line) {
    for (unsigned vm = 0; vm < tee_lines_.size(); ++vm) {
        if (!tee_lines_[vm].has(line)) {
            send_to(State::Tee, vm, line + "\n");
        }
    }
}

void ControlServer::on_guest(const std::string& vm, unsigned guest) {
    if (const auto number = number_of(vm)) {
        tee_lines_[*number].on_guest(guest);
    }
}

bool ControlServer::has_tee_client() const {
    return std::ranges::any_of(clients_, [](const auto& client) { return client->state() == State::Tee; });
}

void ControlServer::on_reply(const std::string& line) {
    if (asked_.empty()) {
        return;
    }
    const unsigned id = asked_.front();
    asked_.pop_front();
    const auto client = std::ranges::find(clients_, id, [](const auto& one) { return one->id(); });
    if (client != clients_.end() && (*client)->state() == State::Waiting) {
        (*client)->send(line + "\n");
        (*client)->leave();
    }
    forget_gone();
}

void ControlServer::forget_gone() {
    std::erase_if(clients_, [](const auto& client) { return client->state() == State::Gone; });
}

} // namespace trv::tool::control
