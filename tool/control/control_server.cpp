// SPDX-License-Identifier: Apache-2.0
#include "tool/control/control_server.hpp"

#include "tool/control/unix_socket.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

namespace trv::tool::control {

using State = Connection::State;

Result<ControlServer> ControlServer::create(const std::filesystem::path& folder, std::vector<std::string> vm_names) {
    FileDescriptor socket = TRY(listen_in(folder));
    FileDescriptor poll{::epoll_create1(EPOLL_CLOEXEC)};
    epoll_event event{.events = EPOLLIN, .data = {.fd = socket.get()}};
    if (!poll || ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, socket.get(), &event) != 0) {
        return system_failure(folder / socket_name, "cannot be waited for");
    }
    return ControlServer{std::move(socket), std::move(poll), std::move(vm_names)};
}

std::vector<ControlInput> ControlServer::serve() {
    accept_clients();
    std::vector<ControlInput> inputs;
    for (const auto& client : clients_) {
        client->flush();
        hear(*client, inputs);
        watch(*client);
    }
    forget_gone();
    return inputs;
}

void ControlServer::accept_clients() {
    for (;;) {
        FileDescriptor socket{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (!socket) {
            return;
        }
        epoll_event event{.events = EPOLLIN, .data = {.fd = socket.get()}};
        ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, socket.get(), &event);
        clients_.push_back(std::make_unique<Connection>(std::move(socket), next_id_++));
    }
}

void ControlServer::hear(Connection& client, std::vector<ControlInput>& inputs) {
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
        answer(client, *line, inputs);
        bytes = client.lines().rest().value_or("");
    }
    if (client.state() == State::Attached && !bytes.empty()) {
        inputs.push_back({.vm = client.vm(), .text = std::move(bytes)});
    } else if (client.state() == State::Agent) {
        client.lines().feed(bytes);
        while (auto line = client.lines().next()) { // whole lines: the run's own requests go the same way
            inputs.push_back({.vm = client.vm(), .text = *std::move(line) + "\n", .for_agent = true});
        }
    }
}

void ControlServer::answer(Connection& client, const std::string& line, std::vector<ControlInput>& inputs) {
    const auto request = parse_control_request(line);
    if (!request) {
        client.send(error_line("not a valid request"));
        client.leave();
        return;
    }
    if (request->kind == ControlRequest::Kind::Command) {
        asked_.push_back(client.id());
        client.wait();
        inputs.push_back({.vm = std::nullopt, .text = request->text + "\n"});
        return;
    }
    attach(client, *request);
}

void ControlServer::attach(Connection& client, const ControlRequest& request) {
    const auto found = std::ranges::find(vm_names_, request.text);
    if (found == vm_names_.end()) {
        client.send(error_line("no such VM in this machine"));
        client.leave();
        return;
    }
    const auto vm = static_cast<unsigned>(found - vm_names_.begin());
    if (request.kind == ControlRequest::Kind::Console) {
        client.send(ok_line());
        client.attach(vm, State::Attached);
    } else {
        client.send(agent_line(agent_ids_start + client.id() * agent_ids_of_client, agents_.contains(vm)));
        client.attach(vm, State::Agent);
    }
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
            watch(*client);
        }
    }
}

void ControlServer::on_stopped(const std::string& vm) {
    agents_.erase(static_cast<unsigned>(std::ranges::find(vm_names_, vm) - vm_names_.begin()));
}

void ControlServer::on_console(unsigned vm, std::string_view bytes) {
    for (const auto& client : clients_) {
        if (client->state() == State::Attached && client->vm() == vm) {
            client->send(bytes);
            watch(*client);
        }
    }
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
        watch(**client);
    }
}

/// Polls for writability while there is more to send.
void ControlServer::watch(const Connection& client) const {
    const std::uint32_t events = client.has_unsent() ? EPOLLIN | EPOLLOUT : EPOLLIN;
    epoll_event event{.events = events, .data = {.fd = client.descriptor()}};
    ::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, client.descriptor(), &event);
}

void ControlServer::forget_gone() {
    std::erase_if(clients_, [](const auto& client) { return client->state() == State::Gone; });
}

} // namespace trv::tool::control
