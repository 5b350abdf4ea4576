// SPDX-License-Identifier: Apache-2.0
#include "management/host_devices.hpp"

#include "lib/log.hpp"
#include "management/host_vms.hpp"

#include <algorithm>
#include <bit>

namespace trv::management {
namespace {

namespace virtio = contract::virtio;
using tee::manager::CallerMemory;
using tee::manager::Command;
using tee::manager::TeeResult;

template <typename T>
std::span<u8> bytes_of(T& object) {
    return {reinterpret_cast<u8*>(&object), sizeof object};
}

Result<void> put(vdev::VirtioSlots& slots, u64 slot, const CallerMemory& memory) {
    if (memory.size() != sizeof(virtio::Device)) {
        return fail(Error::OutOfRange);
    }
    virtio::Device device;
    memory.read(0, bytes_of(device));
    return slots.put(slot, device);
}

Result<void> tell(const vdev::VirtioSlots& slots, u64 slot, tee::manager::Invocation::Parameter& out) {
    const auto state = TRY(memory::make<virtio::State>()); // too large for a stack
    TRY(slots.tell(slot, *state));
    out.memory.write(0, bytes_of(*state));
    out.used = sizeof(virtio::State);
    return {};
}

Result<void> configure(vdev::VirtioSlots& slots, u64 slot, const CallerMemory& memory) {
    std::array<u8, virtio::largest_config> config;
    if (memory.size() > config.size()) {
        return fail(Error::OutOfRange);
    }
    const std::span<u8> bytes = std::span(config).first(memory.size());
    memory.read(0, bytes);
    return slots.configure(slot, bytes);
}

} // namespace

TeeResult HostDevices::run(Command command, Parameters& parameters) {
    const auto& value = parameters[0];
    auto& memory = parameters[1];
    if (command == Command::State && memory.memory.size() < sizeof(virtio::State)) {
        memory.used = sizeof(virtio::State);
        return TeeResult::ShortBuffer;
    }
    Result<void> result;
    const Result<void> used = manager_.with_io(vm::VmHandle(value.a), [&](vm::IoDevices& io) {
        switch (command) {
        case Command::Lend:
            result = lend(io.bank, value.b, memory.memory);
            break;
        case Command::TakeBack:
            io.bank.take_back();
            break;
        case Command::Device:
            result = put(io.slots, value.b, memory.memory);
            break;
        case Command::State:
            result = tell(io.slots, value.b, memory);
            break;
        case Command::Ring:
            io.slots.ring(value.b, value.c);
            break;
        case Command::Stopped:
            result = io.slots.stopped(value.b);
            break;
        case Command::Config:
            result = configure(io.slots, value.b, memory.memory);
            break;
        default:
            result = fail(Error::Unsupported);
            break;
        }
    });
    return result_of(used ? result : used);
}

Result<void> HostDevices::lend(vm::IoBank& bank, u64 piece, const CallerMemory& memory) {
    const tee::optee::SharedMemory::Extent buffer = memory.buffer();
    const u64 size = u64{buffer.pages} * page_size;
    if (!memory.is_first() || buffer.offset != 0 || size == 0 || size % virtio::bank_step != 0 ||
        size > virtio::largest_bank) {
        return fail(Error::OutOfRange);
    }
    return bank.lend(buffer.name, piece, size, [&] { return make_loan(memory); });
}

/// The call refers to the buffer, which keeps its pages pinned; marked first, its end then ends the loan.
Result<memory::Loan> HostDevices::make_loan(const CallerMemory& memory) const {
    if (!memory.lend()) {
        return fail(Error::NotFound);
    }
    const vm::Resources& resources = manager_.resources();
    std::size_t runs = 0;
    memory.for_each_run([&runs](memory::FrameRun) { ++runs; });
    memory::Loan loan = TRY(memory::Loan::create(resources.memory.frames, resources.host->owner(), runs));
    Result<void> added;
    memory.for_each_run([&](memory::FrameRun run) { added = added ? loan.add(run) : added; });
    TRY(added);
    return loan;
}

bool HostDevices::has_events(vm::VmHandle vm) {
    bool some = false;
    (void)manager_.with_io(vm, [&some](vm::IoDevices& io) { some = io.slots.has_events(); });
    return some;
}

TeeResult HostDevices::take_events(Parameters& parameters) {
    virtio::Events events;
    u32 some = 0;
    const Result<void> used = manager_.with_io(vm::VmHandle(parameters[0].a),
                                               [&](vm::IoDevices& io) { some = io.slots.take_events(events); });
    if (!used) {
        return result_of(used);
    }
    parameters[0].a = some;
    parameters[1].memory.write(0, bytes_of(events));
    parameters[1].used = sizeof events;
    return TeeResult::Success;
}

void HostDevices::end_loan(u64 name) {
    manager_.for_each_io([name](unsigned, vm::IoDevices& io) { io.bank.end_of(name); });
}

void HostDevices::end_loans() {
    manager_.for_each_io([](unsigned, vm::IoDevices& io) { io.bank.take_back(); });
}

/// What a driver gave a device that does not stop is out of its reach before the driver goes on.
u64 HostDevices::expire(u64 now) {
    u64 next = HostAlarms::never;
    u32 dead = 0; // bits of VMs
    manager_.for_each_io([&](unsigned vm, vm::IoDevices& io) {
        const vdev::VirtioSlots::Overdue overdue = io.slots.overdue(now);
        if (overdue.any) {
            io.bank.take_back();
            io.slots.end_overdue(now);
            dead |= u32{1} << vm;
        }
        next = std::min(next, overdue.next);
    });
    for (; dead != 0; dead &= dead - 1) { // without the manager's lock
        log_always("VM {}: a device did not stop: its memory is taken back", std::countr_zero(dead));
    }
    return next;
}

} // namespace trv::management
