// SPDX-License-Identifier: Apache-2.0
#include "host/manager/devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace trv::host::manager {

namespace {

using contract::manager::Command;

/// Between two looks of a program for whose wait the hypervisor has no room: it has room for a few.
constexpr std::chrono::milliseconds retry_interval{5};

template <typename Value>
std::string_view bytes_of(const Value& value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <typename Value>
Result<Value> value_in(const std::string& bytes, const std::string& name) {
    if (bytes.size() != sizeof(Value)) {
        return tool::failure("VM " + name,
                             fmt::format("the hypervisor answered with {} bytes for {}", bytes.size(), sizeof(Value)));
    }
    Value value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

} // namespace

Result<void> Devices::call(Command command, Arguments& arguments) {
    arguments[0].a = handle_;
    const Verdict verdict = TRY(transport_->call(command, arguments));
    if (verdict == Verdict::Success) {
        return {};
    }
    return tool::failure("VM " + name_,
                         fmt::format("{}: {}", contract::manager::row_of(command).name, text_of(verdict)));
}

Result<Loan> Devices::lend(std::span<char> memory, contract::Io io) {
    const std::size_t piece = io == contract::Io::Whole ? contract::virtio::whole_piece : memory.size();
    Loan loan;
    for (; !memory.empty(); memory = memory.subspan(std::min(piece, memory.size()))) {
        auto registered = TRY(transport_->register_memory(memory.first(std::min(piece, memory.size()))));
        Arguments arguments;
        arguments[0].b = loan.size();
        arguments[1].registered = registered->number();
        TRY(call(Command::Lend, arguments));
        loan.push_back(std::move(registered));
    }
    return loan;
}

Result<void> Devices::lend_again(const Loan& loan) {
    for (std::size_t piece = 0; piece < loan.size(); ++piece) {
        Arguments arguments;
        arguments[0] = {.a = handle_, .b = piece};
        arguments[1].registered = loan[piece]->number();
        const Verdict verdict = TRY(transport_->call(Command::Lend, arguments));
        if (verdict != Verdict::Success && verdict != Verdict::Busy && verdict != Verdict::ItemNotFound) {
            return tool::failure("VM " + name_, "lend: " + text_of(verdict));
        }
    }
    return {};
}

Result<void> Devices::put(unsigned slot, const contract::virtio::Device& device) {
    Arguments arguments;
    arguments[0].b = slot;
    arguments[1].input = bytes_of(device);
    return call(Command::Device, arguments);
}

Result<bool> Devices::take_out(unsigned slot) {
    constexpr contract::virtio::Device none{};
    Arguments arguments;
    arguments[0] = {.a = handle_, .b = slot};
    arguments[1].input = bytes_of(none);
    const Verdict verdict = TRY(transport_->call(Command::Device, arguments));
    if (verdict == Verdict::Success || verdict == Verdict::Busy) {
        return verdict == Verdict::Success;
    }
    return tool::failure("VM " + name_, "device: " + text_of(verdict));
}

Result<std::optional<contract::virtio::Events>> Devices::events(std::uint32_t milliseconds) {
    Arguments arguments;
    arguments[0] = {.a = handle_, .b = milliseconds};
    arguments[1].room = sizeof(contract::virtio::Events);
    const Verdict verdict = TRY(transport_->call(Command::Events, arguments));
    switch (verdict) {
    case Verdict::Success:
        return TRY(value_in<contract::virtio::Events>(arguments[1].output, name_));
    case Verdict::ItemNotFound:
        return std::nullopt;
    case Verdict::Busy:
        if (milliseconds == 0) {
            break;
        }
        std::this_thread::sleep_for(retry_interval);
        return events(0);
    default:
        break;
    }
    return tool::failure("VM " + name_, "events: " + text_of(verdict));
}

Result<contract::virtio::State> Devices::state(unsigned slot) {
    Arguments arguments;
    arguments[0] = {.a = handle_, .b = slot};
    arguments[1].room = sizeof(contract::virtio::State);
    const Verdict verdict = TRY(transport_->call(Command::State, arguments));
    if (verdict == Verdict::ItemNotFound) {
        return contract::virtio::State{}; // the VM has been forgotten, which events() reports
    }
    return verdict == Verdict::Success ? value_in<contract::virtio::State>(arguments[1].output, name_)
                                       : tool::failure("VM " + name_, "state: " + text_of(verdict));
}

Result<void> Devices::tell(Command command, Arguments arguments) {
    arguments[0].a = handle_;
    const Verdict verdict = TRY(transport_->call(command, arguments));
    const bool heard = verdict == Verdict::Success || verdict == Verdict::BadState ||
                       verdict == Verdict::BadParameters || verdict == Verdict::ItemNotFound;
    return heard ? Result<void>{}
                 : tool::failure("VM " + name_,
                                 fmt::format("{}: {}", contract::manager::row_of(command).name, text_of(verdict)));
}

Result<void> Devices::ring(std::uint64_t used_buffers, std::uint64_t failed) {
    return tell(Command::Ring, {Argument{.b = used_buffers, .c = failed}});
}

Result<void> Devices::stopped(unsigned slot) {
    return tell(Command::Stopped, {Argument{.b = slot}});
}

} // namespace trv::host::manager
