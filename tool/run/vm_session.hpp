#pragma once

#include "tool/run/agent_message.hpp"
#include "tool/run/command_result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trv::tool::runs {

/// What the run means to do with one VM.
struct VmPlan {
    std::string name;
    std::vector<std::string> commands{};
    bool has_tee = false;
    bool has_agent = true;          // its root file system is ours, so it will say hello
    bool restarts_on_reboot = true; // the machine description's policies
    bool restarts_on_crash = false;
};

/// Follows one VM through a run: gives its agent one command after the other, and knows how each ended.
class VmSession {
  public:
    enum class State { Created, Booting, Ready, Stopped };

    explicit VmSession(VmPlan plan);

    void on_running(std::uint64_t ns);
    void on_stopped(const std::string& reason, const std::string& detail);
    void on_refused(const std::string& reason);

    /// @param seconds  host time since the machine was started
    /// @return         the line to answer the agent with, if any
    [[nodiscard]] std::optional<std::string> on_agent(const AgentMessage& message, double seconds);

    /// Asks for a shutdown as soon as the agent is there to hear it; returns the line when that is now.
    [[nodiscard]] std::optional<std::string> power_off();

    /// The machine is gone: what has not ended by now never will.
    void on_machine_gone();

    /// No command is left that could still end.
    [[nodiscard]] bool work_ended() const;
    [[nodiscard]] bool all_good() const;
    [[nodiscard]] bool crashed() const { return crashed_; }

    [[nodiscard]] const VmPlan& plan() const { return plan_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::vector<CommandResult>& commands() const { return results_; }
    [[nodiscard]] std::optional<double> boot_seconds() const { return boot_seconds_; }
    [[nodiscard]] std::optional<double> ready_seconds() const { return ready_seconds_; }

    /// Why the VM was refused or crashed; empty when it was neither.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

    /// One word for the whole VM: ok, failed, rebooted, powered-off, destroyed, crashed, refused, unfinished, not-run.
    [[nodiscard]] std::string status() const;

    /// The first failed command's exit code, else the last command's; none when it did not exit.
    [[nodiscard]] std::optional<int> exit_code() const;

  private:
    [[nodiscard]] std::optional<std::string> next_request();
    [[nodiscard]] CommandResult* running_command();
    void end_running_command(CommandResult::Status status);
    void give_up_waiting_commands();

    VmPlan plan_;
    std::vector<CommandResult> results_;
    State state_ = State::Created;
    std::size_t next_ = 0; // index of the first command that was not sent yet
    bool power_off_wanted_ = false;
    bool crashed_ = false;
    bool refused_ = false;
    std::string trouble_;
    std::optional<double> boot_seconds_;
    std::optional<double> ready_seconds_;
};

} // namespace trv::tool::runs
