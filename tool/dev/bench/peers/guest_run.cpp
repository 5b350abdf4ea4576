// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/peers/guest_run.hpp"

#include "tool/console/demultiplexer.hpp"
#include "tool/console/frames.hpp"
#include "tool/qemu/qemu_machine.hpp"
#include "tool/support/event_loop.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::dev::bench {

namespace {

/// The guest's last line, with the exit code of its work: from bench/guest/agent.sh, or guests/bare/lib/start/main.cpp.
constexpr std::string_view end_mark = "bench ended ";

/// Sorts the machine's output by guest, and records which of them have ended.
class Listening final : public console::Listener {
  public:
    Listening(Peer peer, unsigned count) : peer_{peer} { run_.lines.resize(count); }

    void on_bytes(console::Channel /*channel*/, std::string_view /*bytes*/) override {}

    void on_line(console::Channel channel, const std::string& line) override {
        if (peer_ == Peer::Trivisor && channel == contract::event_channel) {
            answers_ += line.contains("\"command\":\"stats\"") ? 1 : 0;
            run_.events.push_back(line);
        }
        if (const auto guest = guest_of(channel)) {
            ended_ += line.starts_with(end_mark) ? 1 : 0;
            failed_ = failed_ || (line.starts_with(end_mark) && line.substr(end_mark.size()) != "0");
            run_.lines[*guest].push_back(line);
        }
    }

    [[nodiscard]] bool all_ended() const { return ended_ >= run_.lines.size(); }
    [[nodiscard]] bool failed() const { return failed_; }
    /// How often the hypervisor has told its statistics.
    [[nodiscard]] unsigned answers() const { return answers_; }
    [[nodiscard]] GuestRun take() { return std::move(run_); }

  private:
    /// Only Trivisor's console has frames; elsewhere all is of the only guest.
    [[nodiscard]] std::optional<std::size_t> guest_of(console::Channel channel) const {
        if (peer_ != Peer::Trivisor) {
            return channel == contract::log_channel ? std::optional<std::size_t>{0} : std::nullopt;
        }
        const bool is_console = contract::is_of_vm(channel) && !contract::is_agent(channel);
        return is_console && contract::vm_of(channel) < run_.lines.size()
                   ? std::optional<std::size_t>{contract::vm_of(channel)}
                   : std::nullopt;
    }

    Peer peer_;
    GuestRun run_;
    std::size_t ended_ = 0;
    bool failed_ = false;
    unsigned answers_ = 0;
};

/// Reads a machine's output, until an event, the machine's end, or the time-out.
class Ear {
  public:
    Ear(qemu::QemuMachine& machine, Listening& listening, double limit) : machine_{machine}, demultiplexer_{listening} {
        deadline_.set(limit);
    }

    template <typename Happened>
    void listen_until(Happened happened) {
        while (open_ && !happened() && !deadline_.passed()) {
            hear(deadline_);
        }
    }

    void listen_for(double seconds) {
        Deadline end;
        end.set(seconds);
        while (open_ && !end.passed()) {
            hear(end);
        }
    }

    /// Everything, as the machine wrote it.
    [[nodiscard]] const std::string& heard() {
        demultiplexer_.finish();
        return heard_;
    }

  private:
    void hear(const Deadline& limit) {
        open_ = await_input(machine_.console().descriptor(), limit).has_value();
        const auto bytes = machine_.console().read();
        open_ = open_ && bytes.has_value();
        demultiplexer_.feed(bytes.value_or(""));
        heard_ += bytes.value_or("");
    }

    qemu::QemuMachine& machine_;
    console::Demultiplexer demultiplexer_;
    Deadline deadline_;
    std::string heard_;
    bool open_ = true;
};

void ask_statistics(qemu::QemuMachine& machine, Ear& ear, const Listening& listening) {
    const unsigned before = listening.answers();
    machine.console().write(console::encode_frame(contract::event_channel, "stats\n"));
    machine.console().flush();
    ear.listen_until([&] { return listening.answers() != before; });
}

void listen(qemu::QemuMachine& machine, Ear& ear, Listening& listening, Peer peer, const RunShape& shape) {
    ear.listen_until([&] { return listening.all_ended() && !shape.until_off; });
    if (peer != Peer::Trivisor || !listening.all_ended() || shape.until_off) {
        return;
    }
    if (shape.idle_for > 0) {
        ear.listen_for(shape.idle_for); // what the kernels still do for themselves does not count
        ask_statistics(machine, ear, listening);
        ear.listen_for(shape.idle_for);
    }
    ask_statistics(machine, ear, listening);
}

} // namespace

Result<GuestRun> run_guests(const Paths& paths, const std::string& name_of_run, Peer peer, const BenchGuest& guest,
                            const RunShape& shape) {
    const auto folder = TRY(run_folder::RunFolder::create(paths, name_of_run));
    auto options = TRY(prepare_peer(paths, folder, peer, guest, shape.board));
    if (shape.log_exceptions) {
        options.exception_log = exception_log(folder.path());
    }
    const auto log = folder.path() / "console.log";
    Listening listening{peer, guest.count};
    {
        auto machine = TRY(qemu::QemuMachine::start(options, folder.qemu_log()));
        Ear ear{machine, listening, shape.limit};
        listen(machine, ear, listening, peer, shape);
        machine.kill();
        TRY(write_file(log, ear.heard()));
    }
    if (!listening.all_ended() || listening.failed()) {
        return failure(
            fmt::format("bench: {}", name(peer)),
            listening.failed() ? "the measured program failed"
                               : fmt::format("no guest finished within {} s", shape.limit),
            fmt::format("The machine's output is in {}; it ends with:\n{}", log.string(), last_lines(log, 12)));
    }
    GuestRun run = listening.take();
    run.command_line = qemu::command_line(options, {.console = 3});
    run.logs = folder.path();
    return run;
}

std::filesystem::path exception_log(const std::filesystem::path& run_folder) {
    return run_folder / "exceptions.log";
}

} // namespace trv::tool::dev::bench
