// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/run_project.hpp"

#include "tool/support/event_loop.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/change_watch.hpp"
#include "tool/ta/deploy/background_machine.hpp"
#include "tool/ta/deploy/choose_vm.hpp"
#include "tool/ta/deploy/guest_session.hpp"

#include <fmt/format.h>

#include <optional>

namespace trv::tool::ta {
namespace {

/// Deploys and runs once.
Result<bool> run_once(const BuiltProject& built, const TaRunOptions& options, GuestSession& session, ScriptLoop& loop) {
    TRY(session.put(built));
    return options.tests ? session.run_tests(loop, built) : session.run_client(loop, built, options.arguments);
}

/// Repeats at every change, until a signal arrives. Errors in sources are reported; the next change may correct them.
Result<int> keep_running(Context& context, const TaRunOptions& options, Result<BuiltProject> built,
                         GuestSession& session, ScriptLoop& scripts, const bool& quit) {
    ChangeWatch changes = TRY(ChangeWatch::create(options.project));
    const auto change = scripts.loop.on_input(changes.descriptor(), [&] {
        changes.take();
        scripts.interrupted = true;
    });
    while (true) {
        if (built) {
            static_cast<void>(TRY(run_once(*built, options, session, scripts)));
        } else {
            fmt::print(stderr, "trivisor: {}\n", to_string(built.error()));
        }
        context.progress.say("waiting for a change (Ctrl-C quits)");
        while (!scripts.interrupted) {
            TRY(scripts.loop.step());
        }
        if (quit) {
            return 0;
        }
        scripts.interrupted = false;
        built = build_project(context, options.project);
    }
}

Result<int> run_on(Context& context, const TaRunOptions& options, Result<BuiltProject> built,
                   const std::filesystem::path& run_folder) {
    SignalWatch signals = TRY(SignalWatch::create());
    ScriptLoop scripts;
    bool quit = false;
    const auto signal = scripts.loop.on_signal(signals, [&](int) { quit = scripts.interrupted = true; });
    GuestSession session = TRY(GuestSession::open(context.paths, run_folder, TRY(choose_vm(run_folder, options.vm))));
    if (options.watch) {
        return keep_running(context, options, std::move(built), session, scripts, quit);
    }
    const bool good = TRY(run_once(*built, options, session, scripts));
    return quit || signals.take() != 0 ? interrupted_exit_code : good ? 0 : 1;
}

} // namespace

Result<int> run_project(Context& context, const TaRunOptions& options) {
    // Built first: starting a machine is useless if the sources are wrong.
    auto built = build_project(context, options.project);
    if (!built && (!options.watch || !std::filesystem::is_directory(options.project))) {
        return std::unexpected(built.error());
    }
    const auto run_folder = TRY(running_machine(context, options.machine));
    if (options.stop) {
        TRY(check_ours(run_folder));
    }
    auto result = run_on(context, options, std::move(built), run_folder);
    if (options.stop) {
        TRY(stop_machine(run_folder));
    }
    return result;
}

} // namespace trv::tool::ta
