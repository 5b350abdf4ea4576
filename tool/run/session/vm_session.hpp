// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/run/session/agent_reply.hpp"
#include "tool/run/session/command_result.hpp"
#include "tool/run/session/kernel_watch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::run {

/// The run's plan for one VM.
struct VmPlan {
    std::string name;
    std::vector<std::string> commands{};
    bool has_tee = false;
    bool has_agent = true;          // its root file system is ours, so it will say hello
    bool restarts_on_reboot = true; // the machine description's policies
    bool restarts_on_crash = false;
    bool runs_linux = false; // its console says when its kernel panics or restarts
};

/// Tracks one VM through a run: sends its agent one command after the other, and records the results.
class VmSession {
  public:
    enum class State { Created, Booting, Ready, Stopped };

    explicit VmSession(VmPlan plan);

    void on_running(std::uint64_t ns);
    void on_stopped(const std::string& reason, const std::string& detail);
    void on_refused(const std::string& reason);
    /// A line of the guest's console. It may come before or after the event of the reset that it explains.
    void on_console(std::string_view line);

    /// Whether its kernel said that it panics, or the VM was reset, and it is not known yet what follows.
    [[nodiscard]] bool unsettled() const;
    /// Decides with what is known so far; nothing follows.
    void settle();

    /// @param seconds  host time since the machine was started
    /// @return         the line to send to the agent, if any
    [[nodiscard]] std::optional<std::string> on_agent(const AgentReply& reply, double seconds);

    /// Requests a shutdown as soon as the agent is up; returns the line if that is now.
    [[nodiscard]] std::optional<std::string> power_off();

    /// The machine has stopped: no running command will end.
    void on_machine_gone();

    /// No command is left that could still end.
    [[nodiscard]] bool work_ended() const;
    [[nodiscard]] bool all_good() const;
    [[nodiscard]] bool crashed() const { return crashed_; }
    /// Its kernel panicked, or it was reset before its agent started: its part of the run is over, and later boots do
    /// not count.
    [[nodiscard]] bool given_up() const { return given_up_; }

    [[nodiscard]] const VmPlan& plan() const { return plan_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::vector<CommandResult>& commands() const { return results_; }
    [[nodiscard]] std::optional<double> boot_seconds() const { return boot_seconds_; }
    [[nodiscard]] std::optional<double> ready_seconds() const { return ready_seconds_; }

    /// Why the VM was refused, crashed, panicked or was reset; empty when it was none of these.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }
    /// What its console said last before its kernel panicked or was reset.
    [[nodiscard]] std::vector<std::string> last_lines() const;

    /// One word for the whole VM: ok, failed, rebooted, powered-off, destroyed, crashed, panicked, reset, refused,
    /// unfinished, not-run.
    [[nodiscard]] std::string status() const;

    /// The first failed command's exit code, else the last command's; none when it did not exit.
    [[nodiscard]] std::optional<int> exit_code() const;

  private:
    [[nodiscard]] std::optional<std::string> next_request();
    [[nodiscard]] CommandResult* running_command();
    void end_running_command(CommandResult::Status status);
    void on_reset();
    void give_up(CommandResult::Status status, std::string why);
    void give_up_waiting_commands();

    VmPlan plan_;
    std::vector<CommandResult> results_;
    State state_ = State::Created;
    std::size_t next_ = 0; // index of the first command that was not sent yet
    bool power_off_wanted_ = false;
    bool crashed_ = false;
    bool refused_ = false;
    bool reset_ = false; // unsettled: it was reset, and why is not known
    bool reset_before_hello_ = false;
    bool given_up_ = false;    // as given_up() says; then `end_` says how
    bool boots_again_ = false; // since then
    CommandResult::Status end_ = CommandResult::Status::Waiting;
    KernelWatch kernel_;
    std::vector<std::string> last_lines_;
    std::string trouble_;
    std::optional<double> boot_seconds_;
    std::optional<double> ready_seconds_;
};

} // namespace trv::tool::run
