#include "tool/bench/guest_run.hpp"

#include "tool/console/demultiplexer.hpp"
#include "tool/qemu/qemu_machine.hpp"
#include "tool/run/deadline.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>

namespace trv::tool::bench {

namespace {

/// What the guest says at the end, with the exit code of its work; bench/guest/agent.sh says it.
constexpr std::string_view end_mark = "bench ended ";

/// Sorts what the machine says by guest, and knows which of them have ended.
class Listening final : public console::Listener {
  public:
    Listening(Peer peer, unsigned count) : peer_{peer} { run_.lines.resize(count); }

    void on_bytes(console::Channel /*channel*/, std::string_view /*bytes*/) override {}

    void on_line(console::Channel channel, const std::string& line) override {
        if (peer_ == Peer::Trivisor && channel == console::events) {
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
    [[nodiscard]] GuestRun take() { return std::move(run_); }

  private:
    /// Only Trivisor's console has frames; elsewhere all is of the only guest.
    [[nodiscard]] std::optional<std::size_t> guest_of(console::Channel channel) const {
        if (peer_ != Peer::Trivisor) {
            return channel == console::hypervisor_log ? std::optional<std::size_t>{0} : std::nullopt;
        }
        const bool is_console = console::is_of_vm(channel) && !console::is_agent(channel);
        return is_console && console::vm_of(channel) < run_.lines.size()
                   ? std::optional<std::size_t>{console::vm_of(channel)}
                   : std::nullopt;
    }

    Peer peer_;
    GuestRun run_;
    std::size_t ended_ = 0;
    bool failed_ = false;
};

/// Reads until every guest has ended, the machine has, or the time is up.
void listen(qemu::QemuMachine& machine, Listening& listening, std::string& console, double limit) {
    console::Demultiplexer demultiplexer{listening};
    runs::Deadline deadline;
    deadline.set(limit);
    bool open = true;
    while (open && !listening.all_ended() && !deadline.passed()) {
        pollfd waited{.fd = machine.console(), .events = POLLIN, .revents = 0};
        ::poll(&waited, 1, deadline.milliseconds());
        const auto bytes = machine.read();
        open = bytes.has_value();
        demultiplexer.feed(bytes.value_or(""));
        console += bytes.value_or("");
    }
    demultiplexer.finish();
}

} // namespace

Result<GuestRun> run_guests(const Paths& paths, const std::string& name_of_run, Peer peer, const BenchGuest& guest,
                            unsigned cpus, Clock clock, double limit) {
    const auto folder = TRY(runs::RunFolder::create(paths, name_of_run));
    const auto options = TRY(prepare_peer(paths, folder, peer, guest, cpus, clock));
    const auto log = folder.path() / "console.log";
    Listening listening{peer, guest.count};
    std::string console;
    {
        auto machine = TRY(qemu::QemuMachine::start(options, folder.qemu_log()));
        listen(machine, listening, console, limit);
        machine.kill();
    }
    TRY(write_file(log, console));
    if (!listening.all_ended() || listening.failed()) {
        return failure(
            fmt::format("bench: {}", name(peer)),
            listening.failed() ? "what was to be measured has failed"
                               : fmt::format("no guest's work has ended within {} s", limit),
            fmt::format("What the machine said is in {}; it ends with:\n{}", log.string(), last_lines(log, 12)));
    }
    GuestRun run = listening.take();
    run.command_line = qemu::command_line(options, 3);
    run.logs = folder.path();
    return run;
}

} // namespace trv::tool::bench
