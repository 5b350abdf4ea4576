// SPDX-License-Identifier: Apache-2.0
#include "tool/run/runner.hpp"

#include "tool/console/frames.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <utility>

namespace trv::tool::run {

namespace {

std::vector<std::string> names_of(const MachineSession& session) {
    std::vector<std::string> names;
    for (const auto& vm : session.vms()) {
        names.push_back(vm.plan().name);
    }
    return names;
}

constexpr int tee_log_pace = 500; // milliseconds: people watch this log, but nothing waits for it

} // namespace

Runner::Runner(const run_folder::RunFolder& folder, std::vector<VmPlan> plans, View& view, RunLimits limits)
    : folder_{folder}, session_{std::move(plans)}, logs_{folder, session_}, view_{view}, limits_{limits},
      demultiplexer_{*this}, trace_{limits.trace.empty() ? folder.trace() : limits.trace, names_of(session_),
                                    !limits.trace.empty() && !limits.instruction_clock} {}

Result<Ending> Runner::run(const qemu::QemuOptions& options) {
    SignalWatch signals = TRY(SignalWatch::create());
    control_ = TRY(control::ControlServer::create(folder_.path(), names_of(session_)));
    auto machine = TRY(qemu::QemuMachine::start(options, folder_.qemu_log()));
    started_ = Deadline::Clock::now();
    deadlines_.start(limits_.timeout);
    if (limits_.debugger) {
        deadlines_.forget_ready();
    }
    std::optional<Ending> ending;
    while (!ending) {
        ending = step(machine, signals);
    }
    machine.kill();
    while (take_output(machine)) {
    }
    demultiplexer_.finish();
    logs_.finish_tee_log();
    session_.on_machine_gone();
    return *ending;
}

std::optional<Ending> Runner::step(qemu::QemuMachine& machine, SignalWatch& signals) {
    send(machine);
    wait(machine, signals);
    if (signals.take() != 0) {
        return Ending::Interrupted;
    }
    take_user_input();
    take_control_input();
    pollfd end{.fd = machine.end(), .events = POLLIN, .revents = 0};
    if (::poll(&end, 1, 0) > 0) {
        while (take_output(machine)) { // the remaining output
        }
        return after_end();
    }
    take_output(machine);
    logs_.sort_tee_log();
    if (!limits_.interactive && session_.work_ended()) {
        session_.power_off();
        deadlines_.begin_gentle_end();
    }
    return check_time();
}

void Runner::wait(const qemu::QemuMachine& machine, const SignalWatch& signals) {
    const auto events = static_cast<short>(machine.has_unsent() ? POLLIN | POLLOUT : POLLIN);
    std::array<pollfd, 5> waited{{{.fd = signals.descriptor(), .events = POLLIN, .revents = 0},
                                  {.fd = machine.end(), .events = POLLIN, .revents = 0},
                                  {.fd = console_open_ ? machine.console() : -1, .events = events, .revents = 0},
                                  {.fd = view_.input(), .events = POLLIN, .revents = 0},
                                  {.fd = control_->descriptor(), .events = POLLIN, .revents = 0}}};
    int limit = sooner(deadlines_.milliseconds(), tee_log_pace);
    if (const int trace = trace_.milliseconds(trace::TraceFetch::Clock::now()); session_.ready()) {
        limit = sooner(limit, trace);
    }
    ::poll(waited.data(), waited.size(), limit);
}

void Runner::take_user_input() {
    pollfd input{.fd = view_.input(), .events = POLLIN, .revents = 0};
    if (input.fd < 0 || ::poll(&input, 1, 0) <= 0) {
        return;
    }
    for (auto& typed : view_.read_input()) {
        if (typed.quit) {
            quit_ = true;
            session_.force_off();
        } else {
            held_.push_back(std::move(typed));
        }
    }
}

void Runner::take_control_input() {
    for (auto& input : control_->serve()) {
        if (input.for_agent) {
            agent_requests_.emplace_back(*input.vm, std::move(input.text));
        } else if (input.vm) {
            held_.push_back({.vm = *input.vm, .text = std::move(input.text)});
        } else {
            commands_.push_back(std::move(input.text));
        }
    }
}

/// Input before a VM runs would be lost.
void Runner::pass_user_input(qemu::QemuMachine& machine) {
    std::vector<UserInput> still_held;
    for (auto& typed : held_) {
        if (session_.vms().at(typed.vm).state() == VmSession::State::Created) {
            still_held.push_back(std::move(typed));
        } else {
            machine.write(console::encode_frame(contract::console_channel(typed.vm), typed.text));
        }
    }
    held_ = std::move(still_held);
}

/// Reads one piece at a time: a guest can write faster than the tool can show it, and signals, keys and clients must be
/// handled in between. False if there was none.
bool Runner::take_output(qemu::QemuMachine& machine) {
    const auto bytes = console_open_ ? machine.read() : std::nullopt;
    console_open_ = bytes.has_value();
    if (!bytes || bytes->empty()) {
        return false;
    }
    demultiplexer_.feed(*bytes);
    return true;
}

void Runner::send(qemu::QemuMachine& machine) {
    pass_user_input(machine);
    for (const auto& [vm, request] : std::exchange(agent_requests_, {})) {
        machine.write(console::encode_frame(contract::agent_channel(vm), request));
    }
    for (const auto& line : session_.take_outgoing()) {
        machine.write(console::encode_frame(static_cast<console::Channel>(line.channel), line.text));
        if (line.channel == contract::event_channel) {
            control_->on_own_command();
            deadlines_.begin_forced_end();
        }
    }
    if (session_.ready()) {
        send_commands(machine);
    }
    if (machine.has_unsent()) {
        machine.flush();
    }
}

void Runner::send_commands(qemu::QemuMachine& machine) {
    for (const auto& command : std::exchange(commands_, {})) {
        machine.write(console::encode_frame(contract::event_channel, command));
        trace_wanted_ = trace_wanted_ || command.starts_with("trace dump");
    }
    if (trace_.want_dump(trace::TraceFetch::Clock::now())) {
        machine.write(console::encode_frame(contract::event_channel, "trace dump\n"));
        control_->on_own_command();
    }
}

void Runner::take_trace(std::string_view bytes) {
    deadlines_.on_last_words();
    if (!trace_.on_bytes(bytes) || !std::exchange(trace_wanted_, false)) {
        return;
    }
    if (const auto written = trace_.write(); !written) {
        view_.say(to_string(written.error()));
    }
}

std::optional<Ending> Runner::check_time() {
    using Verdict = RunDeadlines::Verdict;
    if (session_.ready()) {
        deadlines_.forget_ready();
    }
    deadlines_.await_settling(session_.unsettled());
    switch (deadlines_.check()) {
    case Verdict::TimeOut:
        return Ending::TimeOut;
    case Verdict::NotReady:
        return Ending::NotReady;
    case Verdict::Stuck:
        return quit_ ? Ending::Quit : Ending::Stuck;
    case Verdict::TooSlow:
        view_.say(
            fmt::format("the guests did not shut down within {} s; stopping the machine", RunDeadlines::gentle_limit));
        session_.force_off();
        break;
    case Verdict::Settle:
        session_.settle();
        break;
    case Verdict::GoOn:
        break;
    }
    return std::nullopt;
}

Ending Runner::after_end() const {
    if (quit_) {
        return Ending::Quit;
    }
    if (session_.off_reason()) {
        return Ending::MachineOff;
    }
    return session_.ready() ? Ending::Died : Ending::NotReady;
}

double Runner::seconds() const {
    return std::chrono::duration<double>(Deadline::Clock::now() - started_).count();
}

void Runner::on_bytes(console::Channel channel, std::string_view bytes) {
    if (channel == contract::trace_channel) {
        take_trace(bytes);
        return;
    }
    view_.on_bytes(channel, bytes);
    if (contract::is_of_vm(channel) && !contract::is_agent(channel)) {
        control_->on_console(contract::vm_of(channel), bytes);
    }
}

void Runner::on_line(console::Channel channel, const std::string& line) {
    const auto event = channel == contract::event_channel ? parse_event(line) : std::nullopt;
    // The firmware does not use frames: its output at power-off arrives on the last channel.
    logs_.write(channel == contract::event_channel && !event ? contract::log_channel : channel, line);
    view_.on_line(channel, line);
    if (event) {
        session_.on_event(*event);
        if (event->kind == contract::Event::VmWithTee) {
            logs_.on_guest(event->guest, event->vm);
        }
        if (event->kind == contract::Event::Reply) {
            control_->on_reply(line);
        } else if (event->kind == contract::Event::VmStopped) {
            control_->on_stopped(event->vm);
        }
    } else if (contract::is_of_vm(channel) && !contract::is_agent(channel)) {
        session_.on_console_line(contract::vm_of(channel), line);
    } else if (contract::is_agent(channel)) {
        session_.on_agent_line(contract::vm_of(channel), line, seconds());
        control_->on_agent(contract::vm_of(channel), line);
    }
}

} // namespace trv::tool::run
