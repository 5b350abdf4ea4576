// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/debug_project.hpp"

#include "tool/run_folder/run_folder.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/debug/debug_machine.hpp"
#include "tool/ta/debug/gdb.hpp"
#include "tool/ta/debug/gdb_stub.hpp"
#include "tool/ta/debug/guest_number.hpp"
#include "tool/ta/deploy/choose_vm.hpp"
#include "tool/ta/deploy/guest_session.hpp"

#include <fmt/format.h>

#include <cstring>

namespace trv::tool::ta {
namespace {

/// gdb itself says what it ended for, unless something ended it.
Result<int> exit_code_of(ExitStatus gdb) {
    if (gdb.code > signal_base) {
        const int signal = gdb.code - signal_base;
        return failure("ta debug", fmt::format("gdb was ended by signal {} ({})", signal, ::strsignal(signal)),
                       "Start ta debug again.");
    }
    return gdb.good() ? 0 : 1;
}

/// gdb and the client, until gdb has ended.
class DebugSession {
  public:
    DebugSession(GuestSession& guest, const BuiltProject& built, const std::filesystem::path& run_folder, Gdb& gdb)
        : guest_(guest), built_(built), run_folder_(run_folder), gdb_(gdb) {}

    Result<int> run(const std::vector<std::string>& arguments) {
        SignalWatch signals = TRY(SignalWatch::create());
        const auto signal = scripts_.loop.on_signal(signals, [this](int) {
            quit_ = true;
            gdb_.stop();
        });
        gdb_end_ = scripts_.loop.on_input(gdb_.end(), [this] { return on_gdb_end(); });
        gdb_ready_ = scripts_.loop.on_input(gdb_.channel(), [this] {
            gdb_ready_ = {};
            ready_ = gdb_.take_ready();
        });
        while (!ready_ && gdb_end_) {
            TRY(scripts_.loop.step());
        }
        if (gdb_end_) {
            // gdb's steps are those of a physical CPU.
            const bool good = TRY(guest_.run_client(scripts_, built_, arguments, ClientCpus::One));
            static_cast<void>(good); // the client itself is not what is debugged; its end was reported
            gdb_.say_client_ended();
        }
        while (gdb_end_) {
            TRY(scripts_.loop.step());
        }
        return quit_ ? interrupted_exit_code : exit_code_of(gdb_.wait());
    }

  private:
    /// The client cannot end in a machine that gdb has left stopped.
    Result<void> on_gdb_end() {
        gdb_end_ = {};
        scripts_.interrupted = true;
        return release_machine(run_folder_);
    }

    GuestSession& guest_;
    const BuiltProject& built_;
    const std::filesystem::path& run_folder_;
    Gdb& gdb_;
    ScriptLoop scripts_{};
    EventLoop::Source gdb_end_; ///< until it has ended
    EventLoop::Source gdb_ready_;
    bool ready_ = false;
    bool quit_ = false;
};

Result<std::filesystem::path> whole_batch(const std::filesystem::path& file) {
    std::error_code problem;
    if (!file.empty() && !std::filesystem::is_regular_file(file, problem)) {
        return usage_error("ta debug", "--batch", "no such file: " + file.string(),
                           "Name a file with gdb's commands, a line each.");
    }
    return file.empty() ? file : std::filesystem::absolute(file, problem);
}

Result<unsigned> number_of(const std::filesystem::path& run_folder, const std::string& vm) {
    const auto number = guest_number(TRY(read_file(run_folder / run_folder::events_name)), vm);
    if (!number) {
        return usage_error("ta debug", "--vm", vm + " runs without an OP-TEE",
                           "Set tee = true for the VM in the machine description, or name another VM.");
    }
    return *number;
}

} // namespace

Result<int> debug_project(Context& context, const TaDebugOptions& options) {
    const auto batch = TRY(whole_batch(options.batch));
    // Built first: starting a machine is useless if the sources are wrong.
    const BuiltProject built = TRY(build_project(context, options.project, BuildKind::Debug));
    const DebugMachine machine = TRY(DebugMachine::find_or_start(context, options.machine));
    const auto& folder = machine.folder();
    const std::string vm = TRY(choose_vm(folder, options.vm));
    GuestSession guest = TRY(GuestSession::open(context.paths, folder, vm));
    TRY(guest.put(built));
    Gdb gdb = TRY(Gdb::start(context.paths, {.run_folder = folder,
                                             .optee = machine.optee(),
                                             .ta = built.ta.elf,
                                             .uuid = built.project.uuid,
                                             .guest = TRY(number_of(folder, vm)),
                                             .batch = batch}));
    return DebugSession(guest, built, folder, gdb).run(options.arguments);
}

} // namespace trv::tool::ta
