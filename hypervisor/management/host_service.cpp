// SPDX-License-Identifier: Apache-2.0
#include "management/host_service.hpp"

#include "arch/cpu/clock.hpp"
#include "contract/monitor.hpp"
#include "generated/option/firmware.hpp"
#include "generated/option/virtio.hpp"
#include "lib/heap_array.hpp"

#include <algorithm>

namespace trv::management {
namespace {

namespace interface = contract::manager;
using tee::manager::Outcome;

/// As of the monitor's own channel: statistics of all VMs.
constexpr std::size_t longest_reply = 16 * KiB;
/// Of an event, with its line end.
constexpr std::size_t longest_event = 1152;

constexpr ChannelBits events_bit = bit_of(contract::event_channel);

/// Channels that can have something for a program of the host.
constexpr ChannelBits known_channels = [] {
    ChannelBits bits = events_bit;
    for (unsigned vm = 0; vm < max_vms; ++vm) {
        bits |= bit_of(contract::console_channel(vm)) | bit_of(contract::agent_channel(vm));
        bits |= option::virtio ? interface::devices_bit(vm) : 0;
    }
    return bits;
}();

} // namespace

HostService::HostService(vm::Manager& manager, const machine::Machine& hardware)
    : manager_(manager), devices_(manager, waits_), vms_(manager, hardware, *this, devices_), variables_(manager) {
    manager.resources().console.events().add_listener(*this);
}

void HostService::begin(tee::manager::Notifier& notifier, unsigned most_waits) {
    events_.start();
    waits_.start(notifier, most_waits);
}

/// No driver is left to close them.
void HostService::end(tee::manager::Notifier& notifier) {
    if (!waits_.stop(notifier)) {
        return;
    }
    end_loans();
    for (std::size_t entry = 0; entry < HostSessions::most; ++entry) {
        close(claims_.at(entry));
    }
}

HostService::TeeResult HostService::open(SessionId& session) {
    return claims_.open(session, events_.end());
}

void HostService::close(SessionId id) {
    std::array<vm::VmHandle, max_vms> abandoned{};
    if (!claims_.close(id, abandoned)) {
        return;
    }
    waits_.wake_all_of(id);
    if constexpr (option::firmware) {
        variables_.end_keeping(id);
    }
    for (const vm::VmHandle vm : abandoned) {
        manager_.abandon(vm);
    }
}

void HostService::end_loan(u64 name) {
    if constexpr (option::virtio) {
        devices_.end_loan(name);
    }
}

void HostService::end_loans() {
    if constexpr (option::virtio) {
        devices_.end_loans();
    }
}

Outcome HostService::invoke(Invocation& invocation, bool can_wait) {
    auto& parameters = invocation.parameters;
    const auto handle = vm::VmHandle(parameters[0].a); // of commands that have one
    if (!claims_.is_open(invocation.session)) {
        if (invocation.again) {
            waits_.end(invocation.slot);
        }
        return {TeeResult::ItemNotFound};
    }
    switch (invocation.command) {
    case interface::Command::Hello:
        return {hello(invocation)};
    case interface::Command::Monitor:
        return {monitor(invocation)};
    case interface::Command::Create:
        return {create(invocation)};
    case interface::Command::Load:
        return {claims_.is_others(invocation.session, handle) ? TeeResult::ItemNotFound
                                                              : vms_.load(parameters[0], parameters[1].memory)};
    case interface::Command::Start:
        return {claims_.is_others(invocation.session, handle) ? TeeResult::ItemNotFound
                                                              : vms_.start(handle, parameters[1])};
    case interface::Command::Forget:
        return {vms_.forget(parameters[0].memory)};
    case interface::Command::Wait:
        return wait(invocation, can_wait);
    case interface::Command::Read:
        return {parameters[0].a == contract::event_channel ? read_events(invocation) : read(invocation)};
    case interface::Command::Write:
        return {write(invocation)};
    case interface::Command::ReadVariables:
    case interface::Command::WriteVariables:
        if constexpr (option::firmware) {
            return {variables(invocation)};
        }
        return {TeeResult::NotSupported};
    default:
        break;
    }
    if constexpr (option::virtio) {
        return serve(invocation, can_wait);
    }
    return {TeeResult::NotSupported};
}

HostService::TeeResult HostService::hello(Invocation& invocation) const {
    const vm::Host* const host = manager_.resources().host;
    invocation.parameters[0].a = interface::version;
    invocation.parameters[0].b =
        (option::virtio ? interface::has_devices : 0) | (option::firmware ? interface::has_variables : 0);
    invocation.parameters[1].a = max_vms;
    invocation.parameters[1].b = host != nullptr ? memory::vm_of(host->owner()) : 0;
    return TeeResult::Success;
}

HostService::TeeResult HostService::monitor(Invocation& invocation) const {
    const tee::manager::CallerMemory& text = invocation.parameters[0].memory;
    Invocation::Parameter& out = invocation.parameters[1];
    if (out.memory.size() < longest_reply) { // before the command has an effect
        out.used = longest_reply;
        return TeeResult::ShortBuffer;
    }
    std::array<char, contract::monitor::longest_line> line;
    if (text.size() > line.size()) {
        return TeeResult::BadParameters;
    }
    text.read(0, {reinterpret_cast<u8*>(line.data()), text.size()});
    auto room = HeapArray<char>::create(longest_reply);
    if (!room) {
        return TeeResult::OutOfMemory;
    }
    say(out, manager_.resources().console.monitor().answer({line.data(), text.size()}, {room->begin(), room->size()}));
    return TeeResult::Success;
}

HostService::TeeResult HostService::create(Invocation& invocation) {
    auto& parameters = invocation.parameters;
    const u64 wishes = std::exchange(parameters[1].a, 0);
    parameters[1].b = 0;
    if ((wishes & ~interface::persistent) != 0) {
        say(parameters[2], "it wants what this hypervisor does not know");
        return TeeResult::BadParameters;
    }
    HostVms::Made made;
    if (const TeeResult result = vms_.create(parameters[0].memory, made, parameters[2]); result != TeeResult::Success) {
        return result;
    }
    const SessionId owner = wishes == interface::persistent ? SessionId{} : invocation.session;
    if (!claims_.add(made, invocation.session, owner)) {
        manager_.abandon(made.handle);
        return TeeResult::ItemNotFound;
    }
    parameters[1].a = static_cast<u64>(made.handle);
    parameters[1].b = made.number;
    return TeeResult::Success;
}

template <typename IsReady>
std::optional<Outcome> HostService::begin_wait(const Invocation& invocation, ChannelBits channels, u64 milliseconds,
                                               IsReady is_ready) {
    if (milliseconds == 0 || is_ready()) {
        return std::nullopt;
    }
    const u64 most = std::min<u64>(milliseconds, interface::longest_wait_ms);
    const u64 deadline = arch::ticks() + arch::tick_hz() * most / 1000;
    if (!waits_.begin(invocation.slot, {invocation.session, channels, deadline})) {
        return Outcome{TeeResult::Busy};
    }
    if (!is_ready() && claims_.is_open(invocation.session)) {
        return Outcome{TeeResult::Success, tee::manager::Progress::Waits};
    }
    waits_.end(invocation.slot);
    return std::nullopt;
}

Outcome HostService::wait(Invocation& invocation, bool can_wait) {
    Invocation::Parameter& parameter = invocation.parameters[0];
    const ChannelBits channels = claims_.reachable(invocation.session, parameter.a & known_channels);
    const auto is_ready = [&] { return ready(invocation.session, channels) != 0; };
    if (invocation.again) {
        waits_.end(invocation.slot);
    } else if (can_wait) {
        if (const std::optional<Outcome> begun = begin_wait(invocation, channels, parameter.b, is_ready)) {
            return *begun;
        }
    }
    parameter.a = ready(invocation.session, channels);
    return {TeeResult::Success};
}

Outcome HostService::serve(Invocation& invocation, bool can_wait) {
    if (invocation.again) {
        waits_.end(invocation.slot);
    }
    const auto vm = claims_.claim_devices(invocation.session, vm::VmHandle(invocation.parameters[0].a));
    if (!vm) {
        return {vm.error()};
    }
    return invocation.command == interface::Command::Events
               ? events(invocation, *vm, can_wait)
               : Outcome{devices_.run(invocation.command, invocation.parameters)};
}

HostService::TeeResult HostService::variables(Invocation& invocation) {
    const SessionId session = invocation.session;
    const auto vm = claims_.claim_devices(session, vm::VmHandle(invocation.parameters[0].a));
    if (!vm) {
        return vm.error();
    }
    if (invocation.command == interface::Command::WriteVariables) {
        return variables_.write(invocation.parameters);
    }
    const TeeResult result = variables_.read(session, invocation.parameters);
    if (!claims_.is_open(session)) { // closed meanwhile, by another CPU, which may have come before
        variables_.end_keeping(session);
    }
    return result;
}

Outcome HostService::events(Invocation& invocation, unsigned vm, bool can_wait) {
    Invocation::Parameter& parameter = invocation.parameters[0];
    Invocation::Parameter& out = invocation.parameters[1];
    if (out.memory.size() < sizeof(contract::virtio::Events)) {
        out.used = sizeof(contract::virtio::Events);
        return {TeeResult::ShortBuffer};
    }
    const auto is_ready = [&] { return devices_.has_events(vm::VmHandle(parameter.a)); };
    if (can_wait && !invocation.again) {
        const auto begun = begin_wait(invocation, interface::devices_bit(vm), parameter.b, is_ready);
        if (begun) {
            return *begun;
        }
    }
    return {devices_.take_events(invocation.parameters)};
}

ChannelBits HostService::ready(SessionId session, ChannelBits channels) {
    const u64 events = events_.end();
    ChannelBits found = 0;
    manager_.for_each_belongings([&found](unsigned vm, const vm::Belongings& belongings) {
        found |= belongings.console->has_output() ? bit_of(contract::console_channel(vm)) : 0;
        found |= belongings.agent->has_output() ? bit_of(contract::agent_channel(vm)) : 0;
        if constexpr (option::virtio) {
            found |= belongings.io->slots.has_events() ? interface::devices_bit(vm) : 0;
        }
    });
    (void)claims_.with_session(
        session, [&](const HostSessions::Session& own) { found |= own.events < events ? events_bit : 0; });
    return found & channels;
}

HostService::TeeResult HostService::claim(SessionId session, u64 channel) {
    if (channel >= contract::max_channels || !contract::is_of_vm(static_cast<unsigned>(channel)) ||
        !with_line(static_cast<unsigned>(channel), [](const console::HostLine&) {})) {
        return TeeResult::ItemNotFound;
    }
    return claims_.claim_channel(session, static_cast<unsigned>(channel));
}

HostService::TeeResult HostService::read(Invocation& invocation) {
    Invocation::Parameter& what = invocation.parameters[0];
    Invocation::Parameter& out = invocation.parameters[1];
    if (const TeeResult claimed = claim(invocation.session, what.a); claimed != TeeResult::Success) {
        return claimed;
    }
    what.b = 0;
    while (out.used < std::min<u64>(out.memory.size(), interface::channel_room)) {
        std::array<u8, 512> piece;
        const std::span<u8> room = std::span(piece).first(std::min<u64>(piece.size(), out.memory.size() - out.used));
        // What is lost before a later piece is told by the next call.
        const auto gap = out.used == 0 ? console::HostLine::Gap::Skip : console::HostLine::Gap::Keep;
        console::HostLine::Taken taken{};
        if (!with_line(static_cast<unsigned>(what.a), [&](console::HostLine& line) { taken = line.take(room, gap); }) ||
            taken.bytes == 0) {
            break;
        }
        out.memory.write(out.used, room.first(taken.bytes));
        out.used += taken.bytes;
        what.b += taken.lost;
        if (taken.bytes < room.size()) { // all there was; a guest that goes on writing must not keep this CPU
            break;
        }
    }
    return TeeResult::Success;
}

HostService::TeeResult HostService::read_events(Invocation& invocation) {
    Invocation::Parameter& out = invocation.parameters[1];
    if (out.memory.size() < longest_event) {
        out.used = longest_event;
        return TeeResult::ShortBuffer;
    }
    auto room = HeapArray<u8>::create(std::min<u64>(out.memory.size(), interface::channel_room));
    if (!room) {
        return TeeResult::OutOfMemory;
    }
    HostEvents::Read read{};
    if (!claims_.with_session(invocation.session, [&](HostSessions::Session& session) {
            read = events_.read(session.events, {room->begin(), room->size()});
            session.events = read.position;
        })) {
        return TeeResult::ItemNotFound;
    }
    invocation.parameters[0].b = read.lost;
    out.memory.write(0, {room->begin(), read.bytes});
    out.used = read.bytes;
    return TeeResult::Success;
}

HostService::TeeResult HostService::write(Invocation& invocation) {
    Invocation::Parameter& what = invocation.parameters[0];
    const tee::manager::CallerMemory& input = invocation.parameters[1].memory;
    if (const TeeResult claimed = claim(invocation.session, what.a); claimed != TeeResult::Success) {
        return claimed;
    }
    what.b = 0;
    bool takes = true;
    while (takes && what.b < std::min<u64>(input.size(), interface::channel_room)) {
        std::array<u8, 512> piece;
        const std::span<u8> bytes = std::span(piece).first(std::min<u64>(piece.size(), input.size() - what.b));
        input.read(what.b, bytes);
        std::size_t taken = 0;
        takes = with_line(static_cast<unsigned>(what.a), [&](console::HostLine& line) { taken = line.write(bytes); }) &&
                taken == bytes.size();
        what.b += taken;
    }
    return TeeResult::Success;
}

void HostService::on_event(std::string_view line) {
    events_.add(line);
    waits_.signal(events_bit);
}

} // namespace trv::management
