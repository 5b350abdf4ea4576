// SPDX-License-Identifier: Apache-2.0
#include "host/manager/manager.hpp"

#include "tool/support/deadline.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace trv::host::manager {

namespace {

using contract::manager::Command;

/// Room for a reply of the monitor, and for a reason.
constexpr std::size_t reply_room = contract::manager::largest_answer;
constexpr std::size_t reason_room = 512;

/// Seconds; generous, for an emulated machine on a busy one.
constexpr double forget_limit = 30;
constexpr std::chrono::milliseconds retry_interval{20};

/// The manager's own words, if it gave any.
std::string reason_in(const Arguments& arguments) {
    for (const auto& argument : arguments) {
        if (!argument.output.empty()) {
            return argument.output.substr(0, argument.output.find('\0'));
        }
    }
    return "";
}

} // namespace

Result<void> Manager::call(const std::string& place, Command command, Arguments& arguments) {
    const Verdict verdict = TRY(transport_->call(command, arguments));
    if (verdict == Verdict::Success) {
        return {};
    }
    const std::string reason = reason_in(arguments);
    return tool::failure(place, fmt::format("{}: {}", contract::manager::row_of(command).name,
                                            reason.empty() ? text_of(verdict) : reason));
}

Result<Manager> Manager::greet(std::unique_ptr<Transport> transport) {
    Manager manager{std::move(transport)};
    Arguments arguments;
    TRY(manager.call("manager", Command::Hello, arguments));
    if (arguments[0].a != contract::manager::version) {
        return tool::failure("manager",
                             fmt::format("the hypervisor speaks version {} of its interface, this program version {}",
                                         arguments[0].a, contract::manager::version),
                             "Install the package trivisor-host of the hypervisor's version.");
    }
    manager.has_devices_ = (arguments[0].b & contract::manager::has_devices) != 0;
    manager.has_variables_ = (arguments[0].b & contract::manager::has_variables) != 0;
    return manager;
}

Result<nlohmann::ordered_json> Manager::monitor(std::string_view command) {
    Arguments arguments;
    arguments[0].input = command;
    arguments[1].room = reply_room;
    const Verdict verdict = TRY(transport_->call(Command::Monitor, arguments));
    auto reply = nlohmann::ordered_json::parse(arguments[1].output, nullptr, false);
    if (!reply.is_object()) {
        return tool::failure("monitor", verdict == Verdict::Success ? "the hypervisor's reply cannot be parsed"
                                                                    : text_of(verdict));
    }
    return reply;
}

Result<NewVm> Manager::create(const std::string& name, std::string_view tree, Lifetime lifetime) {
    Arguments arguments;
    arguments[0].input = tree;
    arguments[1].a = lifetime == Lifetime::Persistent ? contract::manager::persistent : 0;
    arguments[2].room = reason_room;
    TRY(call("VM " + name, Command::Create, arguments));
    if (arguments[1].b >= contract::max_vms) {
        return tool::failure("VM " + name, "the hypervisor gave it an impossible number");
    }
    return NewVm{.handle = arguments[1].a, .index = static_cast<unsigned>(arguments[1].b)};
}

Result<void> Manager::load(const std::string& name, const NewVm& vm, contract::manager::Image image,
                           std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto piece = bytes.substr(at, contract::manager::largest_piece);
        Arguments arguments;
        arguments[0] = {.a = vm.handle, .b = static_cast<std::uint64_t>(image), .c = at};
        arguments[1].input = piece;
        TRY(call("VM " + name, Command::Load, arguments));
        at += piece.size();
    }
    return {};
}

Result<void> Manager::start(const std::string& name, const NewVm& vm) {
    Arguments arguments;
    arguments[0].a = vm.handle;
    arguments[1].room = reason_room;
    return call("VM " + name, Command::Start, arguments);
}

Result<void> Manager::forget(const std::string& name) {
    // A VM that was ended stops within milliseconds, and gives its memory back in steps.
    tool::Deadline limit;
    limit.set(forget_limit);
    for (;;) {
        Arguments arguments;
        arguments[0].input = name;
        const Verdict verdict = TRY(transport_->call(Command::Forget, arguments));
        if (verdict == Verdict::Success) {
            return {};
        }
        if (verdict == Verdict::AccessDenied) {
            return tool::failure("VM " + name, "it is one of the machine's description, which cannot be forgotten");
        }
        if (verdict != Verdict::Busy || limit.passed()) {
            return tool::failure("VM " + name, text_of(verdict));
        }
        std::this_thread::sleep_for(retry_interval);
    }
}

Result<Devices> Manager::devices(const std::string& name, const NewVm& vm) const {
    if (!has_devices_) {
        return tool::failure("VM " + name, "the hypervisor is built without devices for VMs",
                             "Build it with VIRTIO, or omit the VM's disks.");
    }
    return Devices{transport_, name, vm};
}

Result<Variables> Manager::variables(const std::string& name, const NewVm& vm) const {
    if (!has_variables_) {
        return tool::failure("VM " + name, "the hypervisor is built without guests' firmware",
                             "Build it with FIRMWARE (./trivisor config firmware), or omit the VM's variables.");
    }
    return Variables{transport_, name, vm};
}

Result<std::uint64_t> Waiter::wait(std::uint64_t channels, std::uint32_t milliseconds) {
    Arguments arguments;
    arguments[0].a = channels;
    arguments[0].b = std::min(milliseconds, contract::manager::longest_wait_ms);
    const Verdict verdict = TRY(transport_->call(Command::Wait, arguments));
    return verdict == Verdict::Success ? Result<std::uint64_t>{arguments[0].a}
                                       : tool::failure("manager", "wait: " + text_of(verdict));
}

Result<Output> Manager::read(contract::ChannelNumber channel) {
    Arguments arguments;
    arguments[0].a = channel;
    arguments[1].room = contract::manager::channel_room;
    TRY(call(fmt::format("channel {}", channel), Command::Read, arguments));
    return Output{.bytes = std::move(arguments[1].output), .lost = arguments[0].b};
}

Result<std::size_t> Manager::write(contract::ChannelNumber channel, std::string_view bytes) {
    Arguments arguments;
    arguments[0].a = channel;
    arguments[1].input = bytes;
    TRY(call(fmt::format("channel {}", channel), Command::Write, arguments));
    return static_cast<std::size_t>(std::min<std::uint64_t>(arguments[0].b, bytes.size()));
}

} // namespace trv::host::manager
