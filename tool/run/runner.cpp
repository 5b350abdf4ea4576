// SPDX-License-Identifier: Apache-2.0
#include "tool/run/runner.hpp"

#include "tool/control/unix_socket.hpp"

#include <fmt/format.h>

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

// Seconds. People watch this log, and nothing waits for it, unless another command shows it beside its guest's output.
constexpr double tee_log_pace = 0.5;
constexpr double heard_tee_log_pace = 0.05;

} // namespace

Runner::Runner(const run_folder::RunFolder& folder, std::vector<VmPlan> plans, View& view, RunLimits limits)
    : folder_{folder}, session_{std::move(plans)}, logs_{folder, session_}, view_{view}, limits_{limits},
      demultiplexer_{*this}, trace_{limits.trace.empty() ? folder.trace() : limits.trace, names_of(session_),
                                    !limits.trace.empty() && !limits.instruction_clock} {}

Result<Ending> Runner::run(const qemu::QemuOptions& options) {
    SignalWatch signals = TRY(SignalWatch::create());
    const auto interrupt = loop_.on_signal(signals, [this](int) { end_with(Ending::Interrupted); });
    powers_off_ = options.platform->powers_off;
    qemu::QemuOptions machine = options;
    FileDescriptor for_gdb; // before the other socket, by which commands find this run
    if (limits_.gdb_socket) {
        for_gdb = TRY(control::listen_in(folder_.path(), control::gdb_socket_name));
        machine.gdb_listener = for_gdb.get();
    }
    control::ControlOwner& owner = *this;
    control_.emplace(loop_, TRY(control::listen_in(folder_.path())), names_of(session_), owner);
    machine_ = TRY(MachineLine::start(machine, folder_.qemu_log(), limits_.bare_vm));
    start_timing();
    const Ending ending = TRY(loop());
    machine_->kill();
    while (take_agent_output() || take_output()) {
    }
    demultiplexer_.finish();
    logs_.finish_tee_log();
    session_.on_machine_gone();
    return ending;
}

void Runner::start_timing() {
    started_ = Deadline::Clock::now();
    deadlines_.start(limits_.timeout);
    if (limits_.debugger) {
        deadlines_.forget_ready();
    }
}

Result<Ending> Runner::loop() {
    if (view_.input() >= 0) {
        input_ = loop_.on_input(view_.input(), [this] { take_user_input(); });
    }
    const auto end = loop_.on_input(machine_->end(), [this] {
        while (take_agent_output() || take_output()) { // the remaining output
        }
        demultiplexer_.feed(machine_->on_end());
        end_with(after_end());
    });
    const auto on_port = [this](qemu::Port& port, EventLoop::Action take) {
        return loop_.on_input_or_output(port.descriptor(), [&port] { return port.has_unsent(); }, std::move(take));
    };
    output_ = on_port(machine_->console(), [this] { take_output(); });
    if (qemu::Port* port = machine_->agent()) {
        agent_ = on_port(*port, [this] { take_agent_output(); });
    }
    const auto late = deadlines_.watch(loop_, [this](RunDeadlines::Verdict verdict) { on_deadline(verdict); });
    const auto next_dump = loop_.on_deadline(trace_.next_dump(), [this] { ask_for_trace(); });
    const auto tee_log = loop_.on_deadline(tee_log_, [] {}); // every step reads it
    while (!ending_) {
        send();
        tee_log_.set(control_->has_tee_client() ? heard_tee_log_pace : tee_log_pace);
        TRY(loop_.step());
        catch_up_with_tee();
        check_progress();
    }
    output_ = {};
    agent_ = {};
    input_ = {};
    return *ending_;
}

void Runner::take_user_input() {
    for (auto& typed : view_.read_input()) {
        if (typed.quit) {
            ask_for_end();
        } else {
            held_.push_back(std::move(typed));
        }
    }
    if (view_.input() < 0) {
        input_ = {};
    }
}

/// The user quits. A second time means at once.
void Runner::ask_for_end() {
    if (std::exchange(quit_, true) || !limits_.keeps_state) {
        session_.force_off();
        return;
    }
    view_.say("the power button is pressed; quit again to stop the machine at once");
    machine_->press_power_button();
    deadlines_.begin_gentle_end();
}

void Runner::take(control::ControlInput input) {
    if (input.for_agent) {
        agent_requests_.emplace_back(*input.vm, std::move(input.text));
    } else if (input.vm) {
        held_.push_back({.vm = *input.vm, .text = std::move(input.text)});
    } else {
        commands_.push_back(std::move(input.text));
    }
}

void Runner::catch_up_with_tee() {
    for (const auto& line : logs_.sort_tee_log()) {
        control_->on_tee_line(line);
    }
}

/// Input before a VM runs would be lost.
void Runner::pass_user_input() {
    std::vector<UserInput> still_held;
    for (auto& typed : held_) {
        if (session_.vms().at(typed.vm).state() == VmSession::State::Created) {
            still_held.push_back(std::move(typed));
        } else {
            send_to(contract::console_channel(typed.vm), typed.text);
        }
    }
    held_ = std::move(still_held);
}

/// Reads one piece at a time: a guest can write faster than the tool can show it, and signals, keys and clients must be
/// handled in between. False if there was none.
bool Runner::take_output() {
    const auto bytes = machine_->read();
    if (!bytes) {
        output_ = {};
    }
    if (!bytes || bytes->empty()) {
        return false;
    }
    demultiplexer_.feed(*bytes);
    return true;
}

bool Runner::take_agent_output() {
    if (machine_->agent() == nullptr) {
        return false;
    }
    const auto frames = machine_->read_agent();
    if (!frames) {
        agent_ = {};
    }
    demultiplexer_.feed(frames.value_or(""));
    return frames && !frames->empty();
}

void Runner::send() {
    pass_user_input();
    for (const auto& [vm, request] : std::exchange(agent_requests_, {})) {
        send_to(contract::agent_channel(vm), request);
    }
    for (const auto& line : session_.take_outgoing()) {
        send_to(static_cast<console::Channel>(line.channel), line.text);
        if (line.channel == contract::event_channel) {
            control_->on_own_command();
            deadlines_.begin_forced_end();
        }
    }
    if (session_.ready()) {
        send_commands();
    }
    machine_->flush();
}

void Runner::send_to(console::Channel channel, std::string_view text) {
    demultiplexer_.feed(machine_->send(channel, text));
}

void Runner::send_commands() {
    for (const auto& command : std::exchange(commands_, {})) {
        send_to(contract::event_channel, command);
        trace_wanted_ = trace_wanted_ || command.starts_with("trace dump");
    }
}

void Runner::ask_for_trace() {
    send_to(contract::event_channel, "trace dump\n");
    control_->on_own_command();
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

void Runner::check_progress() {
    if (!limits_.interactive && session_.work_ended()) {
        session_.power_off();
        deadlines_.begin_gentle_end();
    }
    if (session_.ready()) {
        deadlines_.forget_ready();
        trace_.begin();
    }
    deadlines_.await_settling(session_.unsettled());
}

void Runner::on_deadline(RunDeadlines::Verdict verdict) {
    using Verdict = RunDeadlines::Verdict;
    switch (verdict) {
    case Verdict::TimeOut:
        return end_with(Ending::TimeOut);
    case Verdict::NotReady:
        return end_with(Ending::NotReady);
    case Verdict::Stuck:
        return end_with(quit_ ? Ending::Quit : Ending::Stuck);
    case Verdict::TooSlow:
        view_.say(
            fmt::format("the guests did not shut down within {} s; stopping the machine", RunDeadlines::gentle_limit));
        return session_.force_off();
    case Verdict::Settle:
        return session_.settle();
    }
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
        pass_on(*event, line);
        if (event->kind == contract::Event::MachineOff && !powers_off_) {
            end_with(after_end());
        }
    } else if (contract::is_of_vm(channel) && !contract::is_agent(channel)) {
        session_.on_console_line(contract::vm_of(channel), line);
    } else if (contract::is_agent(channel)) {
        session_.on_agent_line(contract::vm_of(channel), line, seconds());
        catch_up_with_tee(); // what OP-TEE wrote before the guest's line arrives before it
        control_->on_agent(contract::vm_of(channel), line);
    }
}

void Runner::pass_on(const HypervisorEvent& event, const std::string& line) {
    using contract::Event;
    if (event.kind == Event::Reply) {
        control_->on_reply(line);
        return;
    }
    if (event.kind == Event::VmWithTee) {
        logs_.on_guest(event.guest, event.vm);
        control_->on_guest(event.vm, event.guest);
    } else if (event.kind == Event::VmStopped) {
        control_->on_stopped(event.vm);
    }
    control_->on_event(line);
}

} // namespace trv::tool::run
