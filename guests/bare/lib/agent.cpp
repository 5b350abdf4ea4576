// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/lib/agent.hpp"

#include "guest/layout.hpp"
#include "guests/bare/lib/base64.hpp"
#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/gic.hpp"
#include "guests/bare/lib/payload.hpp"
#include "guests/bare/lib/power.hpp"
#include "guests/bare/lib/words.hpp"

namespace trv::bare {
namespace {

constexpr Uart port(guest::agent_base.value);
constexpr std::size_t longest_line = 1024;
constexpr u32 receive_interrupts = pl011::interrupt_receive | pl011::interrupt_receive_timeout;

template <typename... Arguments>
void answer(std::string_view pattern, const Arguments&... arguments) {
    std::array<char, 128> buffer;
    port.put(format_to(buffer, pattern, arguments...));
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

void execute(std::string_view request) {
    static constinit std::array<char, longest_line> decoded{};
    const auto id = parse_number(take_word(request));
    const auto line = decode_base64(take_word(request), decoded);
    if (!id || !line) {
        answer("error malformed exec request\n");
        return;
    }
    const int code = run_command(*line);
    console().settle(); // the tool may take `exit` for the end of the output
    listen();
    answer("exit {} {}\n", *id, code);
}

} // namespace

void run_agent() {
    static constinit std::array<char, longest_line> buffer{};
    listen();
    answer("hello 1\n");
    for (;;) {
        std::string_view line = next_line(buffer);
        const std::string_view kind = take_word(line);
        if (kind == "exec") {
            execute(line);
        } else if (kind == "poweroff") {
            console().settle();
            power::system_off();
        } else {
            answer("error unknown request\n");
        }
    }
}

} // namespace trv::bare
