// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/console/demultiplexer.hpp"
#include "tool/control/control_server.hpp"
#include "tool/run/machine_line.hpp"
#include "tool/run/report/outcome.hpp"
#include "tool/run/run_deadlines.hpp"
#include "tool/run/run_logs.hpp"
#include "tool/run/session/machine_session.hpp"
#include "tool/run/view/view.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/trace/trace_fetch.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::run {

/// Limits of a run that the runner enforces.
struct RunLimits {
    std::optional<double> timeout{}; // seconds of host time for the whole run
    bool debugger = false;           // the machine may stand still as long as it likes
    bool gdb_socket = false;         // gdb may connect at a socket in the run's folder
    bool interactive = false;        // the user ends the run, not the commands
    std::filesystem::path trace{};   // where the trace goes that is taken from the start; empty: none is
    bool instruction_clock = false;  // nothing may come to the machine from outside for its own sake
    std::string bare_vm{};           // the system of a machine without the hypervisor; empty: it is there
    bool keeps_state = false;        // a system that is not shut down may lose what it has written
};

/// Runs one machine from power-on to its end: passes bytes between machine, session, logs and view, and checks
/// time-outs.
class Runner final : private console::Listener, private control::ControlOwner {
  public:
    Runner(const run_folder::RunFolder& folder, std::vector<VmPlan> plans, View& view, RunLimits limits);

    [[nodiscard]] Result<Ending> run(const qemu::QemuOptions& options);

    [[nodiscard]] const MachineSession& session() const { return session_; }
    [[nodiscard]] const trace::TraceFetch& trace() const { return trace_; }

  private:
    void on_bytes(console::Channel channel, std::string_view bytes) override;
    void on_line(console::Channel channel, const std::string& line) override;
    void take(control::ControlInput input) override;
    void catch_up_with_tee() override;

    [[nodiscard]] Result<Ending> loop();
    void start_timing();
    void take_user_input();
    void pass_user_input();
    void ask_for_end();
    bool take_output();
    bool take_agent_output();
    void send();
    void send_to(console::Channel channel, std::string_view text);
    void send_commands();
    void ask_for_trace();
    void take_trace(std::string_view bytes);
    void check_progress();
    void on_deadline(RunDeadlines::Verdict verdict);
    void end_with(Ending ending) { ending_ = ending_.value_or(ending); }
    void pass_on(const HypervisorEvent& event, const std::string& line);
    [[nodiscard]] Ending after_end() const;
    [[nodiscard]] double seconds() const;

    const run_folder::RunFolder& folder_;
    MachineSession session_;
    RunLogs logs_;
    View& view_;
    RunLimits limits_;
    console::Demultiplexer demultiplexer_;
    EventLoop loop_;
    std::optional<MachineLine> machine_;
    EventLoop::Source output_; // of the machine, until it closes its console
    EventLoop::Source agent_;  // the same of its agent, if that has a port of its own
    EventLoop::Source input_;  // of the user, until it ends
    std::optional<control::ControlServer> control_;
    std::vector<UserInput> held_;                                  // typed before its VM could hear it
    std::vector<std::string> commands_{};                          // for the monitor, from other processes
    std::vector<std::pair<unsigned, std::string>> agent_requests_; // VM and line, from other processes
    Deadline::Clock::time_point started_ = Deadline::Clock::now();
    RunDeadlines deadlines_;
    trace::TraceFetch trace_;
    bool trace_wanted_ = false; // another process has requested the file
    Deadline tee_log_;
    bool powers_off_ = true; // the firmware ends QEMU
    std::optional<Ending> ending_;
    bool quit_ = false;
};

} // namespace trv::tool::run
