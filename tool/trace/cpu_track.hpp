// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/trace/slice_stack.hpp"
#include "tool/trace/trace_log.hpp"

#include <string>
#include <vector>

namespace trv::tool::trace {

inline constexpr unsigned cpu_process = 1;
inline constexpr unsigned first_vm_process = 10;

/// The track of a physical CPU: the guest that runs there, and EL2's work in between.
class CpuTrack {
  public:
    CpuTrack(EventWriter& writer, unsigned cpu, const std::vector<std::string>& vm_names);

    void on_record(const Record& record);
    void on_gap(std::uint64_t time, std::uint64_t lost);
    void finish(std::uint64_t time) { slices_.close_all(time); }

  private:
    void on_scheduling(const Record& record);
    [[nodiscard]] std::string vcpu_name(const Record& record) const;

    const std::vector<std::string>& vm_names_;
    SliceStack slices_;
};

/// "alpha"; "VM 7" for one that is not in the machine description.
[[nodiscard]] std::string vm_name(const std::vector<std::string>& names, unsigned vm);

} // namespace trv::tool::trace
