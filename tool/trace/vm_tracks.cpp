// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/vm_tracks.hpp"

#include "tool/trace/cpu_track.hpp"
#include "tool/trace/trace_names.hpp"

#include <fmt/format.h>

namespace trv::tool::trace {

namespace {

using contract::trace::Cause;
using contract::trace::Kind;

const std::string in_tee = "in OP-TEE";

} // namespace

VmTracks::VmTracks(EventWriter& writer, unsigned vm, const std::string& name)
    : writer_{writer}, process_{first_vm_process + vm} {
    writer_.name_process(process_, "VM " + name);
}

VmTracks::VcpuTrack& VmTracks::vcpu(const Record& record) {
    const auto found = vcpus_.find(record.vcpu);
    if (found != vcpus_.end()) {
        return found->second;
    }
    const Track track{.process = process_, .thread = record.vcpu + 1U};
    writer_.name_thread(track, fmt::format("vCPU {}", record.vcpu));
    return vcpus_.emplace(record.vcpu, VcpuTrack{.states = {writer_, track}, .cpu = 0}).first->second;
}

SliceStack& VmTracks::slot(const Record& record) {
    const auto found = slots_.find(record.detail);
    if (found != slots_.end()) {
        return found->second;
    }
    const Track track{.process = process_, .thread = first_slot_thread + record.detail};
    writer_.name_thread(track, record.detail == contract::trace::no_slot
                                   ? std::string{"OP-TEE fast calls"}
                                   : fmt::format("OP-TEE thread {}", record.detail));
    return slots_.emplace(record.detail, SliceStack{writer_, track}).first->second;
}

void VmTracks::change_state(const Record& record, unsigned cpu, const std::string& state,
                            const std::string& arguments) {
    VcpuTrack& track = vcpu(record);
    track.states.close_all(record.time);
    track.cpu = cpu;
    if (!state.empty()) {
        track.states.open(state, record.time, arguments);
    }
}

void VmTracks::on_leave(unsigned cpu, const Record& record) {
    const auto cause = static_cast<Cause>(record.detail);
    const std::string why = fmt::format(R"("cause":"{}")", name_of(cause));
    switch (cause) {
    case Cause::Blocked:
        change_state(record, cpu, "blocked", "");
        break;
    case Cause::Held:
        change_state(record, cpu, "held", "");
        break;
    case Cause::Off:
        change_state(record, cpu, "", "");
        break;
    case Cause::SliceEnd:
    case Cause::Overtaken:
    case Cause::Yield:
    case Cause::Job:
        change_state(record, cpu, "ready", why);
        break;
    }
}

void VmTracks::on_record(unsigned cpu, const Record& record) {
    switch (record.kind) {
    case Kind::Run:
        change_state(record, cpu, "running", fmt::format(R"("cpu":{})", cpu));
        break;
    case Kind::Leave:
        on_leave(cpu, record);
        break;
    case Kind::Wake:
        change_state(record, record.a, "ready", R"("cause":"wake")");
        break;
    case Kind::Inject:
        vcpu(record).states.instant(fmt::format("interrupt {}", record.a), record.time);
        break;
    default:
        on_tee(record);
    }
}

void VmTracks::on_tee(const Record& record) {
    switch (record.kind) {
    case Kind::TeeCallBegin:
        slot(record).close_all(record.time);
        slot(record).open(name_of_tee_command(record.a), record.time,
                          fmt::format(R"("command":{},"session":{},"vcpu":{})", record.a, record.b, record.vcpu));
        break;
    case Kind::TeeCallEnd:
        slot(record).close_all(record.time, fmt::format(R"("code":"{:#x}","result":"{:#x}")", record.a, record.b));
        break;
    case Kind::TeeEnter:
        slot(record).open(in_tee, record.time);
        break;
    case Kind::TeeLeave:
        slot(record).close_named(in_tee, record.time);
        break;
    case Kind::Rpc:
        slot(record).instant(name_of_rpc(record.a), record.time, fmt::format(R"("command":{})", record.a));
        break;
    default:
        break;
    }
}

void VmTracks::on_gap(unsigned cpu, std::uint64_t time) {
    for (auto& [index, track] : vcpus_) {
        if (track.cpu == cpu) {
            track.states.close_all(time);
        }
    }
    for (auto& [index, track] : slots_) {
        track.close_all(time);
    }
}

void VmTracks::finish(std::uint64_t time) {
    for (auto& [index, track] : vcpus_) {
        track.states.close_all(time);
    }
    for (auto& [index, track] : slots_) {
        track.close_all(time);
    }
}

} // namespace trv::tool::trace
