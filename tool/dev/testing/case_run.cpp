// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_run.hpp"

#include "tool/dev/testing/case_checks.hpp"
#include "tool/dev/testing/dialogue.hpp"
#include "tool/dev/testing/joined_ends.hpp"
#include "tool/dev/testing/leftover_processes.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

namespace trv::tool::dev::testing {

namespace {

constexpr std::size_t shown_lines = 15;

/// This command itself, without arguments.
Command own_command(const Paths& paths) {
    return {.arguments = {std::filesystem::read_symlink("/proc/self/exe").string()},
            .folder = paths.root(),
            .environment = {{"TRIVISOR_ROOT", paths.root().string()}}};
}

Command command_for(const SystemCase& system_case, const Paths& paths, const std::filesystem::path& json, int end) {
    Command command = own_command(paths);
    command.input = end;
    command.output = end;
    command.error_output = end;
    command.arguments.insert(command.arguments.end(), system_case.arguments.begin(), system_case.arguments.end());
    if (system_case.arguments.front() == "run" || system_case.arguments.front() == "host") {
        command.arguments.insert(command.arguments.end(), {"--json", json.string()});
    }
    return command;
}

/// What a script of a case complains of; empty when it ends well.
std::string run_script(const std::string& step, const std::string& script, Command command) {
    command.environment.emplace_back("TRIVISOR", command.arguments.front());
    command.arguments = {"sh", "-c", "set -e; exec >&2\n" + script};
    const auto said = capture(step, command);
    return said ? "" : to_string(said.error()) + "\n";
}

std::string verify(const std::string& script, const std::string& folder, const Paths& paths) {
    if (folder.empty()) {
        return "verify: the run produced no logs\n";
    }
    Command command = own_command(paths);
    command.folder = folder;
    return run_script("verify", script, command);
}

std::string check_results(const SystemCase& system_case, ExitStatus status, const std::string& heard,
                          const std::filesystem::path& file, const Paths& paths) {
    std::string problems;
    if (status.code != system_case.exit_code) {
        problems = fmt::format("exit code {} instead of {}\n", status.code, system_case.exit_code);
    }
    problems += check_text("output", heard, system_case.output);
    const std::string json = read_file(file).value_or("");
    problems += check_json(json, system_case.json);
    for (const auto& [name, check] : system_case.logs) {
        const auto log = read_file(std::filesystem::path{logs_folder(json)} / (name + ".log"));
        problems += log ? check_text(name + ".log", *log, check) : to_string(log.error()) + "\n";
    }
    if (!system_case.verify.empty()) {
        problems += verify(system_case.verify, logs_folder(json), paths);
    }
    return problems;
}

std::string tail(const std::string& text) {
    std::size_t start = text.size();
    for (std::size_t lines = 0; start > 0 && lines <= shown_lines; --start) {
        lines += text[start - 1] == '\n' ? 1U : 0U;
    }
    return text.substr(start);
}

} // namespace

Result<std::string> run_case(const SystemCase& system_case, const Paths& paths) {
    const auto folder = TRY(TemporaryFolder::create(paths.build(), "system-test"));
    const auto json = folder.path() / "result.json";
    if (!system_case.prepare.empty()) {
        if (const auto problem = run_script("prepare", system_case.prepare, own_command(paths)); !problem.empty()) {
            return problem;
        }
    }
    auto ends = TRY(system_case.terminal ? make_terminal() : make_socket());
    Process process = TRY(Process::start(command_for(system_case, paths, json, ends.its.get())));
    ends.its.reset();
    Dialogue dialogue{system_case, process, ends.ours.get(), own_command(paths)};
    std::string problems = dialogue.run().value_or("");
    // Its output is closed, so it is about to end; when the dialogue failed it is ended here.
    const auto status = problems.empty() ? process.wait() : process.stop();
    if (problems.empty()) {
        problems = check_results(system_case, status, dialogue.heard(), json, paths);
    }
    if (end_leftover_processes() > 0) {
        problems += "processes were left running\n";
    }
    if (!problems.empty()) {
        problems += fmt::format("\nits output ended with:\n{}", tail(dialogue.heard()));
    }
    return problems;
}

} // namespace trv::tool::dev::testing
