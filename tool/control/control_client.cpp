// SPDX-License-Identifier: Apache-2.0
#include "tool/control/control_client.hpp"

#include "tool/control/unix_socket.hpp"
#include "tool/support/event_loop.hpp"

#include <nlohmann/json.hpp>
#include <sys/socket.h>

namespace trv::tool::control {

namespace {

using Kind = ControlRequest::Kind;

/// Host seconds; generous, for an emulated machine on a busy host.
constexpr double reply_limit = 60;

/// Reads up to the line end, and not a byte more: the rest belongs to the console.
Result<std::string> read_line(int socket, const std::string& place) {
    Deadline limit;
    limit.set(reply_limit);
    std::string line;
    for (;;) {
        if (!TRY(await_input(socket, limit))) {
            return failure(place, "the hypervisor does not respond", "See the run's hypervisor.log.");
        }
        char byte = 0;
        if (::recv(socket, &byte, 1, 0) <= 0) {
            return failure(place, "the machine stopped before it replied");
        }
        if (byte == '\n') {
            return line;
        }
        line += byte;
    }
}

Result<nlohmann::ordered_json> exchange(int socket, const ControlRequest& request, const std::string& place) {
    const std::string line = to_line(request);
    if (::send(socket, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
        return system_failure(place, "the machine cannot be reached");
    }
    auto answer = nlohmann::ordered_json::parse(TRY(read_line(socket, place)), nullptr, false);
    if (!answer.is_object()) {
        return failure(place, "the machine's reply cannot be parsed",
                       "Build the hypervisor and the command from the same checkout.");
    }
    return answer;
}

/// A connection that the machine has accepted, and its reply.
struct Accepted {
    FileDescriptor socket;
    nlohmann::ordered_json answer;
};

Result<Accepted> request(const std::filesystem::path& run_folder, const ControlRequest& request,
                         const std::string& place) {
    auto socket = TRY(connect_in(run_folder));
    auto answer = TRY(exchange(socket.get(), request, place));
    if (!answer.value("ok", false)) {
        return usage_error(place, request.text, answer.value("error", "was refused"),
                           "Run `trivisor vm list` for the names.");
    }
    return Accepted{.socket = std::move(socket), .answer = std::move(answer)};
}

} // namespace

Result<nlohmann::ordered_json> ask_monitor(const std::filesystem::path& run_folder, const std::string& command) {
    const auto socket = TRY(connect_in(run_folder));
    return exchange(socket.get(), {.kind = Kind::Command, .text = command}, "monitor");
}

Result<FileDescriptor> attach_console(const std::filesystem::path& run_folder, const std::string& vm) {
    return TRY(request(run_folder, {.kind = Kind::Console, .text = vm}, "console")).socket;
}

Result<LineStream> follow_events(const std::filesystem::path& run_folder) {
    return LineStream{TRY(request(run_folder, {.kind = Kind::Events}, "events")).socket, "events"};
}

Result<LineStream> follow_tee(const std::filesystem::path& run_folder, const std::string& vm) {
    return LineStream{TRY(request(run_folder, {.kind = Kind::Tee, .text = vm}, "tee")).socket, "VM " + vm};
}

Result<AgentConnection> attach_agent(const std::filesystem::path& run_folder, const std::string& vm) {
    auto [socket, answer] = TRY(request(run_folder, {.kind = Kind::Agent, .text = vm}, "agent"));
    return AgentConnection{.lines = LineStream{std::move(socket), "VM " + vm},
                           .first_id = answer.value("first_id", 0U),
                           .ready = answer.value("ready", false)};
}

} // namespace trv::tool::control
