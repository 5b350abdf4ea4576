// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/cpu_track.hpp"

#include "tool/trace/trace_names.hpp"

#include <fmt/format.h>

namespace trv::tool::trace {

namespace {

using contract::trace::Kind;
using contract::trace::Reason;

const std::string idle = "idle";
const std::string job = "job";
const std::string secure_world = "OP-TEE";

std::string exit_arguments(const Record& record) {
    const auto reason = static_cast<Reason>(record.detail);
    switch (reason) {
    case Reason::Hypercall:
    case Reason::Smc:
        return fmt::format(R"("function":"{:#010x}")", record.a);
    case Reason::SystemRegister:
        return fmt::format(R"("iss":"{:#x}")", record.a);
    case Reason::Mmio:
    case Reason::Fault:
        return fmt::format(R"("address":"{:#x}","write":{})", record.b, (record.a >> 6 & 1) != 0);
    case Reason::Wfi:
        return fmt::format(R"("instruction":"{}")", (record.a & 1) != 0 ? "wfe" : "wfi");
    case Reason::Interrupt:
    case Reason::SError:
        break;
    }
    return "";
}

} // namespace

std::string vm_name(const std::vector<std::string>& names, unsigned vm) {
    return vm < names.size() ? names[vm] : fmt::format("VM {}", vm);
}

CpuTrack::CpuTrack(EventWriter& writer, unsigned cpu, const std::vector<std::string>& vm_names)
    : vm_names_{vm_names}, slices_{writer, {.process = cpu_process, .thread = cpu + 1}} {
    writer.name_thread(slices_.track(), fmt::format("CPU {}", cpu));
}

std::string CpuTrack::vcpu_name(const Record& record) const {
    return fmt::format("{} vCPU {}", vm_name(vm_names_, record.vm), record.vcpu);
}

void CpuTrack::on_record(const Record& record) {
    switch (record.kind) {
    case Kind::Exit:
        slices_.close_all(record.time);
        slices_.open(fmt::format("EL2: {}", name_of(static_cast<Reason>(record.detail))), record.time,
                     fmt::format(R"("from":"{}"{}{})", vcpu_name(record), exit_arguments(record).empty() ? "" : ",",
                                 exit_arguments(record)));
        break;
    case Kind::Enter:
        slices_.close_all(record.time);
        slices_.open(vcpu_name(record), record.time);
        break;
    case Kind::Interrupt:
        slices_.instant(fmt::format("interrupt {}", record.a), record.time);
        break;
    case Kind::IdleBegin:
        slices_.open(idle, record.time);
        break;
    case Kind::IdleEnd:
        slices_.close_named(idle, record.time);
        break;
    case Kind::JobBegin:
        slices_.open(job, record.time);
        break;
    case Kind::JobEnd:
        slices_.close_named(job, record.time);
        break;
    case Kind::TeeEnter:
        slices_.open(secure_world, record.time, fmt::format(R"("vm":"{}")", vm_name(vm_names_, record.vm)));
        break;
    case Kind::TeeLeave:
        slices_.close_named(secure_world, record.time);
        break;
    default:
        on_scheduling(record);
    }
}

void CpuTrack::on_scheduling(const Record& record) {
    if (record.kind == Kind::Run) {
        slices_.instant("run " + vcpu_name(record), record.time);
    } else if (record.kind == Kind::Leave) {
        slices_.instant(
            fmt::format("{}: {}", vcpu_name(record), name_of(static_cast<contract::trace::Cause>(record.detail))),
            record.time);
    } else if (record.kind == Kind::Wake) {
        slices_.instant("wake " + vcpu_name(record), record.time, fmt::format(R"("cpu":{})", record.a));
    }
}

void CpuTrack::on_gap(std::uint64_t time, std::uint64_t lost) {
    slices_.close_all(time);
    slices_.instant(fmt::format("{} records lost", lost), time);
}

} // namespace trv::tool::trace
