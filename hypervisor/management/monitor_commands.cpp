// SPDX-License-Identifier: Apache-2.0
#include "management/monitor_commands.hpp"

#include "arch/cpu/clock.hpp"
#include "console/log.hpp"
#include "generated/option/trace.hpp"
#include "generated/option/virtio.hpp"
#include "lib/time/time.hpp"

#include <algorithm>

namespace trv::management {
namespace {

namespace key = contract::monitor::key;
using console::Reply;

vm::Manager& manager_of(void* context) {
    return *static_cast<vm::Manager*>(context);
}

/// Whether memory that the host lent it is gone: it waits where it touches that.
bool is_held(vm::Vm& vm) {
    if constexpr (option::virtio) {
        return !vm.bank().range().empty() && !vm.manager().belongings_of(vm.index())->io->bank.is_lent();
    }
    return false;
}

std::string_view state_name(vm::Vm& vm) {
    if (vm.clock().is_paused()) {
        return "paused";
    }
    switch (vm.state()) {
    case vm::VmState::Loading:
        return "loading";
    case vm::VmState::Running:
        return is_held(vm) ? "held" : "running";
    case vm::VmState::Stopping:
        return "stopping";
    }
    return "unknown";
}

std::string_view name_of(sched::RunState state) {
    switch (state) {
    case sched::RunState::Off:
        return "off";
    case sched::RunState::Ready:
        return "ready";
    case sched::RunState::Running:
        return "running";
    case sched::RunState::Blocked:
        return "blocked";
    case sched::RunState::Waiting:
        return "waiting";
    case sched::RunState::Held:
        return "held";
    }
    return "unknown";
}

u64 nanoseconds(u64 ticks) {
    return ticks_to_nanoseconds(ticks, arch::tick_hz());
}

/// @param lent whether memory that it uses is the host's, or will be
void write_vm(console::JsonWriter& json, const machine::VmDescription& vm, std::string_view state, bool tee,
              bool lent) {
    json.member(key::vm, vm.label);
    json.member(key::index, vm.index);
    json.member(key::state, state);
    json.member(key::vcpus, vm.vcpus);
    json.member(key::memory_bytes, vm.memory_size);
    json.member(key::weight, vm.weight);
    json.member(key::cap, vm.cap);
    json.member(key::tee, tee);
    if (option::virtio && lent) {
        json.member(key::io, contract::vm_io.word_of(vm));
    }
}

void write_vm(console::JsonWriter& json, vm::Vm& vm) {
    const bool tee = vm.description().tee && vm.services().find(vm::ServiceKind::Optee) != nullptr;
    write_vm(json, vm.description(), state_name(vm), tee, !vm.bank().range().empty());
}

void list(void* context, std::string_view, Reply& reply) {
    console::JsonWriter& json = reply.json();
    json.key(key::vms);
    json.begin_array();
    manager_of(context).for_each_vm([&json](vm::Vm& vm) {
        json.begin_object();
        write_vm(json, vm);
        json.end_object();
    });
    if constexpr (option::manager) {
        manager_of(context).for_each_that_is_off([&json](const machine::VmDescription& vm) {
            json.begin_object();
            write_vm(json, vm, "off", vm.tee.has_value(), vm.io == machine::Io::Whole);
            json.end_object();
        });
    }
    json.end_array();
}

void write_vcpu(console::JsonWriter& json, vm::Vcpu& vcpu) {
    json.begin_object();
    json.member(key::vcpu, vcpu.index());
    json.member(key::cpu, vcpu.home().index);
    json.member(key::state, name_of(vcpu.run_state()));
    json.member(key::run_ns, nanoseconds(vcpu.run_time()));
    json.member(key::steal_ns, nanoseconds(vcpu.steal_time()));
    json.key(key::exits);
    json.begin_object();
    for (unsigned i = 0; i < vcpu.statistics.counts.size(); ++i) {
        json.member(name_of(static_cast<vm::ExitReason>(i)), vcpu.statistics.counts[i]);
    }
    json.end_object();
    json.end_object();
}

void write_vm_statistics(console::JsonWriter& json, vm::Vm& vm) {
    const memory::FrameTable& frames = vm.memory().frames();
    json.begin_object();
    write_vm(json, vm);
    json.member(key::frames, frames.frames_of(memory::vm_owner(vm.index())));
    json.member(key::pins, frames.pins_of(memory::vm_owner(vm.index())));
    if (const tee::SecureService* const service = vm.services().find(vm::ServiceKind::Optee)) {
        json.key(key::optee);
        service->report(json);
    }
    json.key(key::vcpu_stats);
    json.begin_array();
    for (unsigned i = 0; i < vm.vcpu_count(); ++i) {
        write_vcpu(json, vm.vcpu(i));
    }
    json.end_array();
    json.end_object();
}

void stats(void* context, std::string_view, Reply& reply) {
    vm::Manager& manager = manager_of(context);
    console::JsonWriter& json = reply.json();
    json.key(key::vms);
    json.begin_array();
    manager.for_each_vm([&json](vm::Vm& vm) { write_vm_statistics(json, vm); });
    json.end_array();
    json.key(key::cpus);
    json.begin_array();
    for (const sched::PerCpu& cpu : manager.resources().cpus) {
        json.begin_object();
        json.member(key::cpu, cpu.index);
        json.member(key::idle_ns, nanoseconds(cpu.scheduler.idle_time()));
        json.end_object();
    }
    json.end_array();
    memory::MachineMemory& memory = manager.resources().memory;
    json.member(key::free_frames, memory.pool.free_frames());
    json.member(key::hypervisor_frames, memory.frames.frames_of(memory::FrameOwner::Hypervisor));
    json.member(key::heap_objects, memory.heap.objects());
    json.member(key::vmids, memory.vmids.leased());
}

/// For commands about one VM: calls use(vm::Vm&) or fails the reply.
template <typename Use>
void with_named(void* context, std::string_view name, Reply& reply, Use use) {
    if (!manager_of(context).with_vm(name, use)) {
        reply.fail("no such VM; `list` shows the names");
    }
}

void pause(void* context, std::string_view name, Reply& reply) {
    with_named(context, name, reply, [&reply](vm::Vm& vm) {
        if (!vm.pause()) {
            reply.fail("it is already paused or about to stop");
        }
    });
}

void resume(void* context, std::string_view name, Reply& reply) {
    with_named(context, name, reply, [&reply](vm::Vm& vm) {
        if (!vm.resume()) {
            reply.fail("it is not paused, or has not fully paused yet");
        }
    });
}

void reset(void* context, std::string_view name, Reply& reply) {
    with_named(context, name, reply, [](vm::Vm& vm) { vm.request_stop(vm::StopReason::Reset); });
}

void destroy(void* context, std::string_view name, Reply& reply) {
    with_named(context, name, reply, [](vm::Vm& vm) { vm.request_stop(vm::StopReason::Destroyed); });
}

void start(void* context, std::string_view name, Reply& reply) {
    const Result<void> started = manager_of(context).start(name);
    if (started) {
        return;
    }
    switch (started.error()) {
    case Error::Busy:
        reply.fail("it already exists");
        return;
    case Error::NotFound:
        reply.fail("the machine description has no such VM");
        return;
    default:
        reply.fail("it could not be created; see the log");
        return;
    }
}

/// The default number of lines.
constexpr std::size_t usual_lines = 20;

void show_log(void*, std::string_view arguments, Reply& reply) {
    constexpr std::size_t most_lines = 1000; // more than are kept
    std::size_t lines = arguments.empty() ? usual_lines : 0;
    for (const char c : arguments) {
        if (c < '0' || c > '9') {
            reply.fail("log expects a number of lines");
            return;
        }
        lines = std::min(most_lines, lines * 10 + static_cast<std::size_t>(c - '0'));
    }
    reply.json().key(key::lines);
    console::write_recent_lines(reply.json(), lines);
}

} // namespace

void add_monitor_commands(vm::Manager& manager) {
    using console::Command;
    using Name = contract::monitor::Command;
    console::Monitor& monitor = manager.resources().console.monitor();
    for (const Command& command : {
             Command::of(Name::List, list, &manager),
             Command::of(Name::Stats, stats, &manager),
             Command::of(Name::Pause, pause, &manager),
             Command::of(Name::Resume, resume, &manager),
             Command::of(Name::Reset, reset, &manager),
             Command::of(Name::Destroy, destroy, &manager),
             Command::of(Name::Start, start, &manager),
             Command::of(Name::Log, show_log),
         }) {
        MUST(monitor.add(command));
    }
    if constexpr (option::trace) {
        if (vm::Tracing* const tracing = manager.resources().tracing) {
            add_trace_command(monitor, *tracing);
        }
    }
}

} // namespace trv::management
