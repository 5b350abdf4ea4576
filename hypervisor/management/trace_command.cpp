// SPDX-License-Identifier: Apache-2.0
#include "console/monitor.hpp"
#include "lib/log.hpp"
#include "management/monitor_commands.hpp"
#include "vm/trace/tracing.hpp"

namespace trv::management {
namespace {

namespace key = contract::monitor::key;
using console::Reply;

/// "256" → 256 KiB; nothing if it is not a number, or not a valid ring size.
std::optional<u64> kibibytes(std::string_view text) {
    u64 number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || number > vm::Tracing::most_ring_bytes / KiB) {
            return std::nullopt;
        }
        number = number * 10 + static_cast<u64>(c - '0');
    }
    return number * KiB;
}

void start(vm::Tracing& tracing, std::string_view size, Reply& reply) {
    const auto bytes = size.empty() ? vm::Tracing::usual_ring_bytes : kibibytes(size);
    const Result<void> started = bytes ? tracing.start(*bytes) : fail(Error::OutOfRange);
    if (started) {
        return;
    }
    reply.fail(started.error() == Error::OutOfRange ? "a ring takes 4 to 16384 KiB per CPU"
                                                    : "not enough free memory for the rings");
}

void dump(vm::Tracing& tracing, Reply& reply) {
    const Result<void> begun = tracing.dump();
    if (begun) {
        return;
    }
    switch (begun.error()) {
    case Error::Busy:
        reply.fail("the last dump is not complete yet");
        return;
    case Error::NotFound:
        reply.fail("nothing was traced; use `trace start` first");
        return;
    default:
        reply.fail("a plain console cannot carry a trace; it needs a framed console");
        return;
    }
}

void trace(void* context, std::string_view arguments, Reply& reply) {
    vm::Tracing& tracing = *static_cast<vm::Tracing*>(context);
    const std::string_view what = console::take_word(arguments);
    if (what == "start") {
        start(tracing, arguments, reply);
    } else if (what == "stop") {
        tracing.stop();
    } else if (what == "dump") {
        dump(tracing, reply);
    } else if (!what.empty()) {
        reply.fail("trace expects start [KIB], stop, dump, or no argument");
    }
    const vm::Tracing::Figures figures = tracing.figures();
    reply.member(key::on, tracing.is_on());
    reply.member(key::ring_records, figures.ring_records);
    reply.member(key::written, figures.written);
    reply.member(key::lost, figures.lost);
}

} // namespace

void add_trace_command(console::Monitor& monitor, vm::Tracing& tracing) {
    MUST(monitor.add(console::Command::of(contract::monitor::Command::Trace, trace, &tracing)));
}

} // namespace trv::management
