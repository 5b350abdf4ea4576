// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/chrome_trace.hpp"

#include "tool/trace/cpu_track.hpp"
#include "tool/trace/event_writer.hpp"
#include "tool/trace/vm_tracks.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace trv::tool::trace {

namespace {

/// All CPUs' records in the order of time.
class Merge {
  public:
    struct Next {
        unsigned cpu;
        const Record* record;
        std::uint64_t lost_before;
    };

    explicit Merge(const TraceLog& log) : log_{log} {}

    std::optional<Next> next() {
        std::optional<Next> first;
        for (unsigned cpu = 0; cpu < log_.cpus.size(); ++cpu) {
            const auto& records = log_.cpus.at(cpu).records;
            const std::size_t at = at_.at(cpu);
            if (at < records.size() && (!first || records[at].time < first->record->time)) {
                first = Next{.cpu = cpu, .record = &records[at], .lost_before = 0};
            }
        }
        if (first) {
            first->lost_before = take(first->cpu);
        }
        return first;
    }

  private:
    std::uint64_t take(unsigned cpu) {
        const std::size_t index = at_.at(cpu)++;
        const auto& gaps = log_.cpus.at(cpu).gaps;
        std::size_t& gap = gap_.at(cpu);
        std::uint64_t lost = 0;
        while (gap < gaps.size() && gaps[gap].before == index) {
            lost += gaps[gap++].lost;
        }
        return lost;
    }

    const TraceLog& log_;
    std::array<std::size_t, contract::max_cpus> at_{};
    std::array<std::size_t, contract::max_cpus> gap_{};
};

class Writer {
  public:
    Writer(std::ostream& out, const TraceLog& log, const std::vector<std::string>& vm_names)
        : log_{log}, vm_names_{vm_names}, events_{out} {}

    void write() {
        events_.begin();
        events_.name_process(cpu_process, "physical CPUs");
        for (unsigned cpu = 0; cpu < log_.cpus.size(); ++cpu) {
            if (!log_.cpus.at(cpu).records.empty()) {
                cpus_.try_emplace(cpu, events_, cpu, vm_names_);
            }
        }
        Merge merge{log_};
        while (const auto next = merge.next()) {
            take(*next);
        }
        for (auto& [index, track] : cpus_) {
            track.finish(latest_);
        }
        for (auto& [index, tracks] : vms_) {
            tracks.finish(latest_);
        }
        events_.end(summary());
    }

  private:
    void take(const Merge::Next& next) {
        const Record& record = *next.record;
        if (next.lost_before != 0) {
            // Open slices end at the last record of this CPU.
            cpus_.at(next.cpu).on_gap(last_of_.at(next.cpu), next.lost_before);
            for (auto& [index, tracks] : vms_) {
                tracks.on_gap(next.cpu, record.time);
            }
        }
        last_of_.at(next.cpu) = record.time;
        latest_ = record.time;
        cpus_.at(next.cpu).on_record(record);
        if (record.vm != contract::trace::no_vm) {
            vms_.try_emplace(record.vm, events_, record.vm, vm_name(vm_names_, record.vm))
                .first->second.on_record(next.cpu, record);
        }
    }

    [[nodiscard]] std::string summary() const {
        std::string text;
        for (unsigned cpu = 0; cpu < log_.cpus.size(); ++cpu) {
            const CpuLog& one = log_.cpus.at(cpu);
            if (!one.records.empty()) {
                text += fmt::format(R"({}"cpu{}_records":{},"cpu{}_lost":{})", text.empty() ? "" : ",", cpu,
                                    one.records.size(), cpu, one.lost());
            }
        }
        return text;
    }

    const TraceLog& log_;
    const std::vector<std::string>& vm_names_;
    EventWriter events_;
    std::map<unsigned, CpuTrack> cpus_;
    std::map<unsigned, VmTracks> vms_;
    std::array<std::uint64_t, contract::max_cpus> last_of_{};
    std::uint64_t latest_ = 0;
};

} // namespace

void write_chrome_trace(std::ostream& out, const TraceLog& log, const std::vector<std::string>& vm_names) {
    Writer{out, log, vm_names}.write();
}

} // namespace trv::tool::trace
