// SPDX-License-Identifier: Apache-2.0
#include "tool/control/control_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>

namespace trv::tool::control {

using State = Connection::State;

ControlServer::ControlServer(EventLoop& loop, FileDescriptor socket, std::vector<std::string> vm_names,
                             std::function<void(ControlInput)> take)
    : loop_{loop}, socket_{std::move(socket)}, source_{loop.on_input(socket_.get(), [this] { accept_clients(); })},
      vm_names_{std::move(vm_names)}, take_{std::move(take)} {}

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
        take_({.vm = client.vm(), .text = std::move(bytes)});
    } else if (client.state() == State::Agent) {
        client.lines().feed(bytes);
        while (auto line = client.lines().next()) { // whole lines: the run's own requests go the same way
            take_({.vm = client.vm(), .text = *std::move(line) + "\n", .for_agent = true});
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
        take_({.vm = std::nullopt, .text = request->text + "\n"});
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
        }
    }
    forget_gone();
}

void ControlServer::on_stopped(const std::string& vm) {
    agents_.erase(static_cast<unsigned>(std::ranges::find(vm_names_, vm) - vm_names_.begin()));
}

void ControlServer::on_console(unsigned vm, std::string_view bytes) {
    for (const auto& client : clients_) {
        if (client->state() == State::Attached && client->vm() == vm) {
            client->send(bytes);
        }
    }
    forget_gone();
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
