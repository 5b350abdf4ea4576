// SPDX-License-Identifier: Apache-2.0
#include "management/trace_command.hpp"

#include "console/console.hpp"
#include "lib/log.hpp"
#include "trap/traced_exit.hpp"
#include "vm/manager.hpp"
#include "vm/tracing.hpp"

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

void start(vm::Manager& manager, std::string_view size, Reply& reply) {
    const auto bytes = size.empty() ? vm::Tracing::usual_ring_bytes : kibibytes(size);
    const Result<void> started =
        bytes ? vm::tracing().start(manager.cpus(), *bytes, trap::traced_exit) : fail(Error::OutOfRange);
    if (started) {
        return;
    }
    reply.fail(started.error() == Error::OutOfRange ? "a ring takes 4 to 16384 KiB per CPU"
                                                    : "not enough free memory for the rings");
}

void dump(Reply& reply) {
    const Result<void> begun = vm::tracing().dump();
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
    const std::string_view what = console::take_word(arguments);
    if (what == "start") {
        start(*static_cast<vm::Manager*>(context), arguments, reply);
    } else if (what == "stop") {
        vm::tracing().stop();
    } else if (what == "dump") {
        dump(reply);
    } else if (!what.empty()) {
        reply.fail("trace expects start [KIB], stop, dump, or no argument");
    }
    const vm::Tracing::Figures figures = vm::tracing().figures();
    reply.member(key::on, vm::tracing().is_on());
    reply.member(key::ring_records, figures.ring_records);
    reply.member(key::written, figures.written);
    reply.member(key::lost, figures.lost);
}

} // namespace

void add_trace_command(vm::Manager& manager) {
    const bool added =
        console::monitor().add(console::Command::of(contract::monitor::Command::Trace, trace, &manager)).has_value();
    ASSERT(added);
}

} // namespace trv::management
