// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/trace/slice_stack.hpp"
#include "tool/trace/trace_log.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::trace {

/// A VM: a track for each vCPU, with its scheduling states and the interrupts it gets, and one for each of its OP-TEE's
/// threads ("slots"), with its calls.
class VmTracks {
  public:
    VmTracks(EventWriter& writer, unsigned vm, const std::string& name);

    /// @param cpu  on which it was recorded
    void on_record(unsigned cpu, const Record& record);
    /// The states of that CPU's vCPUs are unknown for the gap.
    void on_gap(unsigned cpu, std::uint64_t time);
    void finish(std::uint64_t time);

  private:
    static constexpr unsigned first_slot_thread = 100;

    struct VcpuTrack {
        SliceStack states;
        unsigned cpu; // where it was seen last
    };

    VcpuTrack& vcpu(const Record& record);
    SliceStack& slot(const Record& record);
    void change_state(const Record& record, unsigned cpu, const std::string& state, const std::string& arguments);
    void on_leave(unsigned cpu, const Record& record);
    void on_tee(const Record& record);

    EventWriter& writer_;
    unsigned process_;
    std::map<unsigned, VcpuTrack> vcpus_;
    std::map<unsigned, SliceStack> slots_;
};

} // namespace trv::tool::trace
