// SPDX-License-Identifier: Apache-2.0
#include "host/run/vm_run.hpp"

#include "contract/monitor.hpp"
#include "host/consoles/channel_input.hpp"
#include "host/devices/boot_disk.hpp"
#include "host/devices/plug_socket.hpp"
#include "host/devices/variables/kept_variables.hpp"
#include "host/devices/variables/variables_file.hpp"
#include "host/devices/vm_devices.hpp"
#include "tool/console/line_splitter.hpp"
#include "tool/console/prefixed_output.hpp"
#include "tool/machine/values/spelling.hpp"
#include "tool/run/report/summary_table.hpp"
#include "tool/run/report/vm_result.hpp"
#include "tool/run/session/machine_session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>

namespace trv::host::run {

namespace {

using tool::Result;
using tool::machine::VmDescription;
using tool::run::Ending;
using tool::run::MachineSession;

/// Seconds; generous, for an emulated machine on a busy one: they only end what hangs.
constexpr double settle_limit = 10;
constexpr double gentle_limit = 120;

std::vector<tool::run::VmPlan> make_plans(const std::vector<VmDescription>& vms, const VmRunOptions& options) {
    std::vector<tool::run::VmPlan> plans;
    for (const auto& vm : vms) {
        tool::run::VmPlan plan{.name = vm.name,
                               .has_tee = vm.tee.has_value(),
                               .has_agent = false, // unless a command is for it
                               .restarts_on_reboot = vm.on_reboot == contract::OnReboot::Restart,
                               .restarts_on_crash = vm.on_crash == contract::OnCrash::Restart,
                               .runs_linux = !vm.rootfs.empty() || vm.boots_from_disk()};
        for (const auto& [name, command] : options.commands) {
            if (name == vm.name) {
                plan.commands.push_back(command);
                plan.has_agent = true;
            }
        }
        plans.push_back(std::move(plan));
    }
    return plans;
}

std::vector<std::string> names_of(const std::vector<VmDescription>& vms) {
    std::vector<std::string> names;
    for (const auto& vm : vms) {
        names.push_back(vm.name);
    }
    return names;
}

Result<void> check_commands(const std::vector<VmDescription>& vms, const VmRunOptions& options) {
    for (const auto& [name, command] : options.commands) {
        const auto vm = std::ranges::find(vms, name, &VmDescription::name);
        if (vm == vms.end()) {
            const auto names = names_of(vms);
            const std::vector<std::string_view> known{names.begin(), names.end()};
            const auto meant = tool::machine::nearest(name, known);
            return tool::usage_error("--exec", name, "the file has no such VM",
                                     fmt::format("{} '{}'{}", meant ? "Did you mean" : "Its first is",
                                                 meant.value_or(known.front()), meant ? "?" : "."));
        }
        const bool has_system = vm->boots_from_disk() || (vm->has_firmware() && !vm->disks.empty());
        if (vm->rootfs.empty() && !has_system) {
            return tool::usage_error("--exec", name,
                                     "the VM has neither an initramfs nor a disk, so it cannot run commands",
                                     "Give it rootfs, or a disk, with Trivisor's agent in it.");
        }
    }
    return {};
}

/// One VM of the run: its channels, and its devices and variables if it has some.
struct RunningVm {
    manager::NewVm vm{};
    std::unique_ptr<devices::VariablesFile> variables_file{};
    std::unique_ptr<devices::KeptVariables> variables{}; ///< in that file
    std::unique_ptr<devices::DeviceServer> devices{};
    std::unique_ptr<devices::PlugSocket> plugs{};
    tool::console::LineSplitter console{};
    tool::console::LineSplitter agent{};
    std::unique_ptr<consoles::ChannelInput> to_agent{};
};

class VmRun {
  public:
    VmRun(manager::Manager manager, const std::vector<VmDescription>& vms, const VmRunOptions& options)
        : manager_{std::move(manager)}, descriptions_{vms}, options_{options}, session_{make_plans(vms, options)},
          output_{options.json ? stderr : stdout, tool::console::colour_for(options.json ? stderr : stdout),
                  names_of(vms)} {}

    Result<int> run() {
        auto signals = TRY(tool::SignalWatch::create());
        TRY(make([&signals] { return signals.has_come(); }));
        const auto watch = TRY(consoles::ChannelWatch::start(manager_, channels()));
        const auto interrupt = loop_.on_signal(signals, [this](int) { end_with(Ending::Interrupted); });
        const auto timeout = loop_.on_deadline(timeout_, [this] { end_with(Ending::TimeOut); });
        const auto settle = loop_.on_deadline(settle_, [this] { session_.settle(); });
        const auto gentle = loop_.on_deadline(gentle_, [this] { end_with(Ending::MachineOff); });
        const auto input = loop_.on_input(watch->descriptor(), [this, &watch]() -> Result<void> {
            const auto ready = TRY(watch->take());
            TRY(take_output(ready));
            watch->next();
            return {};
        });
        if (options_.timeout) {
            timeout_.set(*options_.timeout);
        }
        TRY(start());
        while (!ending_) {
            TRY(loop_.step());
            TRY(check_progress());
        }
        return finish();
    }

  private:
    /// All of them before the first starts: a mistake in the last one's description costs nothing.
    Result<void> make(const devices::ServedDevice::Cancelled& cancelled) {
        std::vector<vms::Images> images;
        std::vector<std::unique_ptr<devices::VariablesFile>> variables;
        for (const auto& vm : descriptions_) {
            images.push_back(TRY(vms::read_images(vm, {.take_boot_files = devices::take_boot_files})));
            variables.push_back(vm.variables.empty()
                                    ? nullptr
                                    : std::make_unique<devices::VariablesFile>(
                                          TRY(devices::VariablesFile::open(vm.variables, vm.variables_place))));
        }
        const auto mode = options_.commands.empty() ? tool::guest::Mode::Shell : tool::guest::Mode::Exec;
        for (std::size_t index = 0; index < descriptions_.size(); ++index) {
            RunningVm vm{.vm = TRY(vms::make_vm(manager_, descriptions_[index], images[index],
                                                {.lifetime = manager::Lifetime::Session, .mode = mode}))};
            vm.to_agent =
                std::make_unique<consoles::ChannelInput>(manager_, contract::agent_channel(vm.vm.index), loop_);
            if (descriptions_[index].has_devices()) {
                const auto household = TRY(devices::household_of(descriptions_[index].name));
                vm.plugs = TRY(devices::PlugSocket::listen(descriptions_[index].name));
                vm.devices =
                    TRY(devices::serve_devices(manager_, descriptions_[index], vm.vm, loop_, household, cancelled));
                vm.plugs->serve(loop_, std::bind_front(&devices::DeviceServer::change, vm.devices.get()));
            }
            if (variables[index]) {
                vm.variables_file = std::move(variables[index]);
                TRY(keep_variables(descriptions_[index].name, vm));
            }
            vms_.push_back(std::move(vm));
            images[index] = {}; // the hypervisor has them
        }
        return {};
    }

    Result<void> keep_variables(const std::string& name, RunningVm& vm) {
        auto flash = TRY(manager_.variables(name, vm.vm));
        TRY(flash.write(TRY(vm.variables_file->content())));
        vm.variables = TRY(devices::KeptVariables::start(
            std::move(flash),
            [file = vm.variables_file.get()](std::string_view content) { return file->save(content); },
            devices::KeptVariables::Saved::Everything, loop_));
        return {};
    }

    Result<void> start() {
        for (std::size_t index = 0; index < vms_.size(); ++index) {
            TRY(manager_.start(descriptions_[index].name, vms_[index].vm));
        }
        return {};
    }

    [[nodiscard]] std::uint64_t channels() const {
        std::uint64_t bits = manager::bit_of(contract::event_channel);
        for (const auto& vm : vms_) {
            bits |= manager::bit_of(contract::console_channel(vm.vm.index)) |
                    manager::bit_of(contract::agent_channel(vm.vm.index));
        }
        return bits;
    }

    /// The complete lines of a channel, if it is ready.
    Result<std::vector<std::string>> lines_of(std::uint64_t ready, contract::ChannelNumber channel,
                                              tool::console::LineSplitter& splitter) {
        std::vector<std::string> lines;
        while ((ready & manager::bit_of(channel)) != 0) {
            const auto output = TRY(manager_.read(channel));
            if (output.bytes.empty()) {
                break;
            }
            splitter.feed(output.bytes);
        }
        while (auto line = splitter.next()) {
            lines.push_back(*std::move(line));
        }
        return lines;
    }

    /// Channels have no common order. Consoles come first, as their last lines explain what follows. An agent's words come
    /// after the start of its VM, and before the end of a VM.
    Result<void> take_output(std::uint64_t ready) {
        for (unsigned index = 0; index < vms_.size(); ++index) {
            RunningVm& vm = vms_[index];
            for (const auto& line : TRY(lines_of(ready, contract::console_channel(vm.vm.index), vm.console))) {
                output_.print(index, line);
                session_.on_console_line(index, line);
            }
        }
        std::vector<tool::run::HypervisorEvent> events;
        for (const auto& line : TRY(lines_of(ready, contract::event_channel, events_))) {
            if (auto event = tool::run::parse_event(line)) {
                events.push_back(*std::move(event));
            }
        }
        const auto end = std::ranges::find(events, contract::Event::VmStopped, &tool::run::HypervisorEvent::kind);
        std::for_each(events.begin(), end, [this](const auto& event) { session_.on_event(event); });
        for (unsigned index = 0; index < vms_.size(); ++index) {
            RunningVm& vm = vms_[index];
            for (const auto& line : TRY(lines_of(ready, contract::agent_channel(vm.vm.index), vm.agent))) {
                session_.on_agent_line(index, line, seconds());
            }
        }
        std::for_each(end, events.end(), [this](const auto& event) { session_.on_event(event); });
        return {};
    }

    Result<void> check_progress() {
        if (session_.unsettled() && !settle_.is_set()) {
            settle_.set(settle_limit);
        } else if (!session_.unsettled()) {
            settle_.clear();
        }
        if (!options_.commands.empty() && session_.work_ended() && !gentle_.is_set()) {
            session_.power_off();
            gentle_.set(gentle_limit);
        }
        for (const auto& outgoing : session_.take_outgoing()) {
            if (contract::is_agent(outgoing.channel)) {
                TRY(vms_.at(contract::vm_of(outgoing.channel)).to_agent->write(outgoing.text));
            } else {
                end_with(Ending::MachineOff); // what is left has no agent that could be asked to end it
            }
        }
        const auto stopped = [](const auto& vm) { return vm.state() == tool::run::VmSession::State::Stopped; };
        if (std::ranges::all_of(session_.vms(), stopped)) {
            end_with(Ending::MachineOff);
        }
        return {};
    }

    /// The VMs end with the session of this program; a reset VM would start again before that.
    Result<int> finish() {
        for (unsigned index = 0; index < vms_.size(); ++index) {
            if (const auto rest = vms_[index].console.rest()) {
                output_.print(index, *rest);
            }
            const auto& name = descriptions_[index].name;
            (void)TRY(manager_.monitor(fmt::format("{} {}", name_of(contract::monitor::Command::Destroy), name)));
            vms_[index].plugs.reset();
            vms_[index].devices.reset(); // what it had written is in the image
            (void)manager_.forget(name); // when its last variables are saved
        }
        session_.on_machine_gone();
        if (options_.json) {
            nlohmann::ordered_json vms = nlohmann::ordered_json::object();
            for (const auto& vm : session_.vms()) {
                vms[vm.plan().name] = tool::run::vm_result(vm);
            }
            const nlohmann::ordered_json result{{"status", std::string{word_for(*ending_, session_)}},
                                                {"exit_code", exit_code(*ending_, session_)},
                                                {"vms", std::move(vms)}};
            fmt::print("{}\n", result.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
        } else if (!options_.commands.empty()) {
            fmt::print(stderr, "{}", tool::run::summary_table(session_));
        }
        return exit_code(*ending_, session_);
    }

    void end_with(Ending ending) { ending_ = ending_.value_or(ending); }
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(tool::Deadline::Clock::now() - started_).count();
    }

    manager::Manager manager_;
    const std::vector<VmDescription>& descriptions_;
    const VmRunOptions& options_;
    MachineSession session_;
    tool::console::PrefixedOutput output_;
    tool::EventLoop loop_;
    std::vector<RunningVm> vms_;
    tool::console::LineSplitter events_;
    tool::Deadline timeout_;
    tool::Deadline settle_;
    tool::Deadline gentle_;
    tool::Deadline::Clock::time_point started_ = tool::Deadline::Clock::now();
    std::optional<Ending> ending_;
};

} // namespace

Result<int> run_vms(const consoles::Connect& connect, const std::vector<VmDescription>& vms,
                    const VmRunOptions& options) {
    TRY(check_commands(vms, options));
    VmRun run{TRY(connect()), vms, options};
    return run.run();
}

} // namespace trv::host::run
