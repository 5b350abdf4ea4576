// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/agent.hpp"

#include "contract/agent.hpp"
#include "guest/layout.hpp"
#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/hardware/power.hpp"
#include "guests/bare/lib/payload.hpp"

namespace trv::bare {
namespace {

using contract::agent::Reply;
using contract::agent::Request;

constexpr Uart port(guest::agent_base.value);
constexpr std::size_t longest_line = 1024;
constexpr u32 receive_interrupts = pl011::interrupt_receive | pl011::interrupt_receive_timeout;

void answer(const contract::agent::Message<Reply>& reply) {
    contract::agent::write(reply, [](char c) { port.put(c); });
}

/// Commands may leave the interrupt controller in any state; the agent reinitialises it after each.
void listen() {
    gic::reset();
    gic::enable(guest::agent_intid);
    port.enable_interrupts(receive_interrupts);
}

/// Sleeps with interrupts masked: a pending one ends WFI all the same, and no handler is needed.
char next_char() {
    for (;;) {
        if (const auto c = port.take()) {
            return *c;
        }
        wfi();
        const u32 intid = gic::acknowledge();
        if (intid != gic::nothing_pending) {
            gic::complete(intid);
        }
    }
}

/// @return the line without its end; what does not fit is lost, and the request will not be understood
std::string_view next_line(std::span<char> buffer) {
    std::size_t used = 0;
    for (;;) {
        const char c = next_char();
        if (c == '\n') {
            return {buffer.data(), used};
        }
        if (used < buffer.size()) {
            buffer[used++] = c;
        }
    }
}

void execute(const contract::agent::Message<Request>& request) {
    static constinit std::array<char, longest_line> decoded{};
    const auto line = contract::decode_base64(request.text, decoded);
    if (!line) {
        answer({.kind = Reply::Error, .text = "malformed exec request"});
        return;
    }
    const int code = run_command(*line);
    console().settle(); // the tool may take `exit` for the end of the output
    listen();
    answer({.kind = Reply::Exit, .id = request.id, .numbers = {static_cast<u64>(code)}});
}

} // namespace

void run_agent() {
    static constinit std::array<char, longest_line> buffer{};
    listen();
    answer({.kind = Reply::Hello, .numbers = {contract::agent::version}});
    for (;;) {
        const auto request = contract::agent::parse<Request>(next_line(buffer));
        if (request && request->kind == Request::Exec) {
            execute(*request);
        } else if (request && request->kind == Request::PowerOff) {
            console().settle();
            power::system_off();
        } else {
            const bool malformed = !request && request.error().kind == Request::Exec;
            answer({.kind = Reply::Error, .text = malformed ? "malformed exec request" : "unknown request"});
        }
    }
}

} // namespace trv::bare
