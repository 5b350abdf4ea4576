// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/guest_session.hpp"

#include "tool/console/printable.hpp"
#include "tool/control/control_client.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"
#include "tool/ta/deploy/guest_files.hpp"
#include "tool/tee/tee_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>

namespace trv::tool::ta {
namespace {

/// Prints at once, also when standard output is a pipe.
void show(std::string_view source, std::string_view line) {
    fmt::print("[{}] {}\n", source, console::printable(line));
    std::fflush(stdout);
}

/// Runs a command, and if a signal killed it, adds the kernel's line about that, which has the place.
std::string explained(const std::string& command, const std::string& program) {
    return fmt::format("echo 1 >/proc/sys/debug/exception-trace 2>/dev/null; {}; code=$?; "
                       "[ $code -le {} ] || dmesg | grep {} | tail -n 1; exit $code",
                       command, signal_base, shell_word(program + "\\[.*unhandled"));
}

} // namespace

Result<GuestSession> GuestSession::open(const Paths& paths, const std::filesystem::path& run_folder,
                                        const std::string& vm) {
    return GuestSession(paths, run_folder, TRY(AgentLink::open(run_folder, vm)));
}

Result<void> GuestSession::put_one(const std::filesystem::path& file, const std::string& path, unsigned mode) {
    const PutResult put = TRY(put_file(
        link_, {.path = path, .mode = mode, .content = TRY(read_file(file)), .memory = file.string() + ".put"}));
    fmt::print("{}  {}\n{}  {}:{}{}\n", put.sum_here, paths_.shown(file), put.sum_there, link_.vm(), path,
               put.was_there ? " (already there)" : "");
    std::fflush(stdout);
    return {};
}

Result<void> GuestSession::put(const BuiltProject& built) {
    TRY(put_one(built.ta.signed_file, built.project.guest_ta(), 0444));
    for (const SharedLibrary& library : built.client.libraries) {
        TRY(put_one(library.file, built.project.guest_libraries() + "/" + library.name, 0755));
    }
    return put_one(built.client.program, built.project.guest_client(), 0755);
}

Result<bool> GuestSession::run_client(ScriptLoop& loop, const BuiltProject& built,
                                      const std::vector<std::string>& arguments, ClientCpus cpus) {
    std::string command = (cpus == ClientCpus::One ? "taskset 1 " : "") + built.project.guest_client();
    for (const std::string& argument : arguments) {
        command += " " + shell_word(argument);
    }
    return TRY(run(loop, built, "client " + built.project.name, command)) == Verdict::Good;
}

Result<bool> GuestSession::run_tests(ScriptLoop& loop, const BuiltProject& built) {
    const auto scripts = files_of(built.project.folder / "test", {".sh"});
    if (scripts.empty()) {
        return usage_error(paths_.shown(built.project.folder / "test"), {}, "has no test",
                           "Write a shell script there: test/NAME.sh, which ends with 0 when all is well.");
    }
    bool good = true;
    for (const auto& script : scripts) {
        const std::string name = script.filename().string();
        const std::string path = "/tmp/" + built.project.name + "-test/" + name;
        TRY(put_file(link_, {.path = path, .mode = 0755, .content = TRY(read_file(script))}));
        const Verdict verdict = TRY(run(loop, built, "test " + name, path));
        if (verdict == Verdict::Interrupted) {
            return false;
        }
        fmt::print("{} {}\n", verdict == Verdict::Good ? "passed" : "FAILED", name);
        good = good && verdict == Verdict::Good;
    }
    return good;
}

Result<std::string> GuestSession::output_of(ScriptLoop& loop, const std::string& command) {
    std::string lines;
    const RunOutput output{.on_guest_line = [&](std::string_view line) { lines.append(line).append("\n"); },
                           .on_tee_line = [](std::string_view) {}};
    const auto code = TRY(run_script(loop, link_, TRY(control::follow_tee(run_folder_, link_.vm())), command, output));
    if (code != 0) {
        return failure("VM " + link_.vm(), code ? fmt::format("'{}' ended with exit code {}", command, *code)
                                                : fmt::format("'{}' was interrupted", command));
    }
    return lines;
}

Result<GuestSession::Verdict> GuestSession::run(ScriptLoop& loop, const BuiltProject& built, const std::string& title,
                                                const std::string& script) {
    PanicReport panic;
    std::optional<std::uint64_t> crash;
    const RunOutput output{.on_guest_line =
                               [&](std::string_view line) {
                                   crash = crash ? crash : crash_offset(line);
                                   show(link_.vm(), line);
                               },
                           .on_tee_line =
                               [&](std::string_view line) {
                                   panic.take(line);
                                   if (tee::is_interesting(line)) {
                                       show("tee", line);
                                   }
                               }};
    const auto code = TRY(run_script(loop, link_, TRY(control::follow_tee(run_folder_, link_.vm())),
                                     explained(script, built.project.name.substr(0, 15)), output));
    if (!code) {
        return Verdict::Interrupted;
    }
    if (*code != 0 || panic.panicked()) {
        explain(built, title, *code, panic, crash);
    }
    return *code == 0 ? Verdict::Good : Verdict::Bad;
}

void GuestSession::explain(const BuiltProject& built, const std::string& title, int code, const PanicReport& panic,
                           std::optional<std::uint64_t> crash) const {
    const auto at = [](const std::string& place) { return place.empty() ? "" : " at " + place; };
    std::fflush(stdout);
    if (panic.panicked()) {
        fmt::print(stderr, "trivisor: trusted application {}: {}{}\n", built.project.uuid, panic.what(),
                   at(place_in_code(paths_, built.ta.elf, built.project.folder, panic.offsets())));
    }
    if (code > signal_base) {
        const std::string place =
            crash ? place_in_code(paths_, built.client.symbols, built.project.folder, {*crash}) : std::string();
        fmt::print(stderr, "trivisor: {}: ended by signal {} ({}){}\n", title, code - signal_base,
                   ::strsignal(code - signal_base), at(place));
    } else if (code != 0) {
        fmt::print(stderr, "trivisor: {}: ended with exit code {}\n", title, code);
    }
}

} // namespace trv::tool::ta
