// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/deploy/agent_link.hpp"
#include "tool/ta/deploy/place_in_code.hpp"
#include "tool/ta/deploy/script_run.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::ta {

/// A shell's exit code for a program that a signal ended, without the signal's number.
inline constexpr int signal_base = 128;
inline constexpr int interrupted_exit_code = signal_base + SIGINT;

/// The vCPUs on which a client runs. On one, OP-TEE's part of it stays on one physical CPU, too.
enum class ClientCpus { Any, One };

/// One VM, in which a project is deployed and run. The output of the project and of OP-TEE goes to standard output.
class GuestSession {
  public:
    [[nodiscard]] static Result<GuestSession> open(const Paths& paths, const std::filesystem::path& run_folder,
                                                   const std::string& vm);

    /// Copies trusted application and client into the VM, and shows the sums of both sides.
    [[nodiscard]] Result<void> put(const BuiltProject& built);

    /// Runs the client; when it fails, says why and where.
    /// @return whether it ended with 0; an interrupted one did not
    [[nodiscard]] Result<bool> run_client(ScriptLoop& loop, const BuiltProject& built,
                                          const std::vector<std::string>& arguments, ClientCpus cpus = ClientCpus::Any);

    /// Runs a command in the VM, whose output is not shown.
    /// @return its output, line by line
    [[nodiscard]] Result<std::string> output_of(ScriptLoop& loop, const std::string& command);

    /// Runs the scripts of the project's folder test/, one after the other, up to one that is interrupted.
    /// @return whether each ended with 0
    [[nodiscard]] Result<bool> run_tests(ScriptLoop& loop, const BuiltProject& built);

  private:
    GuestSession(const Paths& paths, std::filesystem::path run_folder, AgentLink link)
        : paths_(paths), run_folder_(std::move(run_folder)), link_(std::move(link)) {}

    enum class Verdict { Good, Bad, Interrupted };

    [[nodiscard]] Result<Verdict> run(ScriptLoop& loop, const BuiltProject& built, const std::string& title,
                                      const std::string& script);
    [[nodiscard]] Result<void> put_one(const std::filesystem::path& file, const std::string& path, unsigned mode);
    void explain(const BuiltProject& built, const std::string& title, int code, const PanicReport& panic,
                 std::optional<std::uint64_t> crash) const;

    Paths paths_;
    std::filesystem::path run_folder_;
    AgentLink link_;
};

} // namespace trv::tool::ta
