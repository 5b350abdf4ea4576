// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/host/fake_machine.hpp"

#include "contract/agent.hpp"

#include <fmt/format.h>
#include <libfdt.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace trv::host {

namespace {

using contract::manager::Command;
using manager::Verdict;

class FakeTransport final : public manager::Transport {
  public:
    explicit FakeTransport(FakeMachine& machine) : machine_{machine}, session_{machine.open()} {}
    ~FakeTransport() override { machine_.close(session_); }
    manager::Result<Verdict> call(Command command, manager::Arguments& arguments) override {
        return command >= Command::Lend && command <= Command::Config ? machine_.devices.call(command, arguments)
                                                                      : machine_.call(command, arguments, session_);
    }
    manager::Result<std::unique_ptr<manager::RegisteredMemory>> register_memory(std::span<char> memory) override {
        return machine_.devices.register_memory(memory);
    }

  private:
    FakeMachine& machine_;
    FakeMachine::Session session_;
};

std::string label_of(const std::string& tree) {
    const int node = fdt_first_subnode(tree.data(), 0);
    const void* label = node < 0 ? nullptr : fdt_getprop(tree.data(), node, "label", nullptr);
    return label == nullptr ? "" : static_cast<const char*>(label);
}

} // namespace

consoles::Connect FakeMachine::connect() {
    return [this] { return manager::Manager::greet(std::make_unique<FakeTransport>(*this)); };
}

void FakeMachine::put(unsigned channel, std::string_view bytes) {
    const Lock lock{mutex_};
    put_locked(channel, bytes);
}

void FakeMachine::await_written(unsigned channel, std::string_view bytes) {
    Lock lock{mutex_};
    changed_.wait(lock, [&] { return written[channel] == bytes; });
}

void FakeMachine::await_read(unsigned channel) {
    Lock lock{mutex_};
    changed_.wait(lock, [&] { return output_[channel].empty(); });
}

void FakeMachine::put_locked(unsigned channel, std::string_view bytes) {
    output_[channel] += bytes;
    changed_.notify_all();
}

void FakeMachine::event(const std::string& name, const Vm& vm, const std::string& more) {
    put_locked(contract::event_channel,
               fmt::format(R"({{"event":"{}","ns":1000,"vm":"{}"{}}})", name, vm.name, more) + "\n");
}

FakeMachine::Vm* FakeMachine::find(std::string_view name) {
    const auto found = std::ranges::find(vms, name, &Vm::name);
    return found == vms.end() ? nullptr : &*found;
}
FakeMachine::Vm* FakeMachine::find(std::uint64_t handle) {
    const auto found = std::ranges::find(vms, handle, &Vm::handle);
    return found == vms.end() ? nullptr : &*found;
}

FakeMachine::Session FakeMachine::open() {
    const Lock lock{mutex_};
    return {.events = output_[contract::event_channel].size()}; // each session gets those since it was opened
}

void FakeMachine::close(const Session& session) {
    const Lock lock{mutex_};
    std::erase_if(users_, [&](const auto& user) { return user.second == &session; });
}

Verdict FakeMachine::call(Command command, manager::Arguments& arguments, Session& session) {
    Lock lock{mutex_};
    const auto ready = [&] {
        std::uint64_t bits = 0;
        for (const auto& [channel, bytes] : output_) {
            const std::size_t read = channel == contract::event_channel ? session.events : 0;
            const auto user = users_.find(channel);
            const bool others = user != users_.end() && user->second != &session;
            bits |= others || bytes.size() == read ? 0 : manager::bit_of(channel) & arguments[0].a;
        }
        return bits;
    };
    switch (command) {
    case Command::Hello:
        arguments[0].a = version;
        arguments[0].b =
            (has_devices ? contract::manager::has_devices : 0) | (has_variables ? contract::manager::has_variables : 0);
        return Verdict::Success;
    case Command::Monitor:
        arguments[1].output = answer(std::string{arguments[0].input});
        return Verdict::Success;
    case Command::Create:
        return create(arguments);
    case Command::Load:
        return load(arguments);
    case Command::Start:
        if (Vm* vm = find(arguments[0].a)) {
            start(*vm);
            return Verdict::Success;
        }
        return Verdict::ItemNotFound;
    case Command::Forget:
        if (const Vm* vm = find(arguments[0].input); vm != nullptr && vm->kept && vm->kept != vm->changes) {
            return Verdict::Busy;
        }
        return std::erase_if(vms, [&](const Vm& vm) { return vm.name == arguments[0].input; }) == 1
                   ? Verdict::Success
                   : Verdict::ItemNotFound;
    case Command::ReadVariables:
    case Command::WriteVariables:
        return variables(command, arguments);
    case Command::Wait:
        changed_.wait_for(lock, std::chrono::milliseconds{arguments[0].b}, [&] { return ready() != 0; });
        arguments[0].a = ready();
        return Verdict::Success;
    case Command::Read:
        if (arguments[0].a == contract::event_channel) {
            arguments[1].output = output_[contract::event_channel].substr(session.events);
            session.events += arguments[1].output.size();
            return Verdict::Success;
        }
        if (users_.try_emplace(static_cast<unsigned>(arguments[0].a), &session).first->second != &session) {
            return Verdict::Busy;
        }
        arguments[1].output = std::exchange(output_[static_cast<unsigned>(arguments[0].a)], {});
        changed_.notify_all();
        return Verdict::Success;
    case Command::Write: {
        const auto channel = static_cast<unsigned>(arguments[0].a);
        if (users_.try_emplace(channel, &session).first->second != &session) {
            return Verdict::Busy;
        }
        written[channel] += arguments[1].input;
        changed_.notify_all();
        arguments[0].b = arguments[1].input.size();
        for (Vm& vm : vms) {
            if (channel == contract::agent_channel(vm.index)) {
                take_agent_lines(vm);
            }
        }
        return Verdict::Success;
    }
    default:
        break;
    }
    return Verdict::NotSupported;
}

Verdict FakeMachine::create(manager::Arguments& arguments) {
    if (!refusal.empty()) {
        arguments[2].output = std::exchange(refusal, {});
        return Verdict::BadParameters;
    }
    const std::string tree{arguments[0].input};
    Vm vm{.name = label_of(tree),
          .index = static_cast<unsigned>(vms.size()) + 1,
          .handle = ++last_handle_,
          .persistent = arguments[1].a == contract::manager::persistent,
          .tree = tree};
    arguments[1].a = vm.handle;
    arguments[1].b = vm.index;
    output_.erase(contract::console_channel(vm.index));
    output_.erase(contract::agent_channel(vm.index));
    vms.push_back(std::move(vm));
    return Verdict::Success;
}

Verdict FakeMachine::load(manager::Arguments& arguments) {
    Vm* vm = find(arguments[0].a);
    if (vm == nullptr) {
        return Verdict::ItemNotFound;
    }
    std::string& image = vm->images[static_cast<contract::manager::Image>(arguments[0].b)];
    if (image.size() != arguments[0].c) {
        return Verdict::BadParameters;
    }
    image += arguments[1].input;
    loaded.push_back(arguments[1].input.size());
    return Verdict::Success;
}

Verdict FakeMachine::variables(Command command, manager::Arguments& arguments) {
    Vm* vm = find(arguments[0].a);
    if (vm == nullptr) {
        return Verdict::ItemNotFound;
    }
    const std::size_t offset = arguments[0].b;
    if (command == Command::WriteVariables) {
        if (vm->state == "running") {
            return Verdict::Busy;
        }
        vm->flash.replace(offset, arguments[1].input.size(), arguments[1].input);
        return Verdict::Success;
    }
    vm->kept = arguments[0].c;
    arguments[0].b = vm->changes;
    arguments[1].output = vm->flash.substr(offset, arguments[1].room);
    vm->changes += flash_never_rests && arguments[1].room != 0 ? 1 : 0;
    return Verdict::Success;
}

void FakeMachine::change_flash(std::size_t offset, char byte) {
    const Lock lock{mutex_};
    vms.front().flash.at(offset) = byte;
    ++vms.front().changes;
}

void FakeMachine::start(Vm& vm) {
    vm.state = "running";
    event("vm-running", vm);
    if (vm.images.contains(contract::manager::Image::Ramdisk)) {
        put_locked(contract::agent_channel(vm.index), fmt::format("hello {}\n", contract::agent::version));
    }
}

void FakeMachine::stop(Vm& vm, const std::string& state, const std::string& reason) {
    vm.state = state;
    event("vm-stopped", vm, fmt::format(R"(,"reason":"{}")", reason));
}

void FakeMachine::take_agent_lines(Vm& vm) {
    std::string& text = written[contract::agent_channel(vm.index)];
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        const std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        const auto request = contract::agent::parse<contract::agent::Request>(line);
        if (request && request->kind == contract::agent::Request::Exec) {
            const auto [output, code] = run(contract::decode_base64<std::string>(request->text).value_or(""));
            put_locked(contract::console_channel(vm.index), output);
            put_locked(contract::agent_channel(vm.index), fmt::format("exit {} {}\n", request->id, code));
        } else if (request && request->kind == contract::agent::Request::PowerOff) {
            stop(vm, "stopped", "off");
        }
    }
}

std::string FakeMachine::answer(const std::string& line) {
    monitor_lines.push_back(line);
    const std::string command = line.substr(0, line.find(' '));
    const std::string name = line.size() > command.size() ? line.substr(command.size() + 1) : "";
    nlohmann::ordered_json reply{{"event", "reply"}, {"command", command}, {"ok", true}};
    if (command == "list" || command == "stats") {
        reply["vms"] = nlohmann::ordered_json::array();
        for (const Vm& vm : vms) {
            reply["vms"].push_back({{"vm", vm.name}, {"index", vm.index}, {"state", vm.state}});
        }
        reply["free_frames"] = free_frames;
        return reply.dump();
    }
    Vm* vm = find(name);
    if (vm == nullptr) {
        reply["ok"] = false;
        reply["error"] = "no such VM";
    } else if (command == "start") {
        start(*vm);
    } else if (command == "destroy") {
        stop(*vm, "destroyed", "destroyed");
    }
    return reply.dump();
}

} // namespace trv::host
