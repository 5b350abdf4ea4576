// SPDX-License-Identifier: Apache-2.0
#include "contract/events.hpp"
#include "contract/monitor.hpp"
#include "tool/dev/bench/figures/readers.hpp"
#include "tool/dev/bench/peers/xen_build.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <regex>

namespace trv::tool::dev::bench {

namespace {

using contract::Member;
using nlohmann::json;

constexpr std::string_view moment_mark = "moment ";
constexpr double frame_bytes = 4096;

/// The output of bench/guest/moment.c, in nanoseconds of the guest's counter.
std::optional<double> moment_in(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        const auto object =
            line.starts_with(moment_mark) ? json::parse(line.substr(moment_mark.size()), nullptr, false) : json{};
        if (object.is_object() && object.value("hz", 0.0) > 0) {
            return object.value("ticks", 0.0) * 1e9 / object.value("hz", 0.0);
        }
    }
    return std::nullopt;
}

/// The kernel's time of its first line that ends like this, in nanoseconds.
std::optional<double> kernel_time_of(const std::vector<std::string>& lines, std::string_view ending) {
    static const std::regex stamp(R"(.*\[ *([0-9]+\.[0-9]+)\] .*)");
    for (const std::string& line : lines) {
        if (std::smatch match; line.ends_with(ending) && std::regex_match(line, match, stamp)) {
            return std::stod(match[1]) * 1e9;
        }
    }
    return std::nullopt;
}

/// Xen's counter began with the machine, its guest's did not: the end of the machine less what the guest took to get
/// there.
std::optional<double> below_xen(const std::vector<std::string>& lines) {
    static const std::regex halted(R"(\(XEN\) \[([0-9a-f]{16})\] Hardware Dom0 (?:halted|shutdown).*)");
    constexpr double ns_per_tick = 16; // QEMU's counter has 62.5 MHz
    const auto first = kernel_time_of(lines, "first process");
    const auto down = kernel_time_of(lines, "reboot: Power down");
    for (const std::string& line : lines) {
        if (std::smatch match; first && down && std::regex_match(line, match, halted)) {
            return static_cast<double>(std::stoull(match[1], nullptr, 16)) * ns_per_tick - (*down - *first);
        }
    }
    return std::nullopt;
}

/// The first event of a kind, of a VM if it has a label.
std::optional<json> event_in(const std::vector<std::string>& events, contract::Event kind, const std::string& label) {
    for (const std::string& line : events) {
        auto event = json::parse(line, nullptr, false);
        if (event.is_object() && event.value(name_of(Member::Event), "") == name_of(kind) &&
            (label.empty() || event.value(name_of(Member::Vm), "") == label)) {
            return event;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<double> first_process_ns(Peer peer, const std::vector<std::string>& lines,
                                       const std::vector<std::string>& events, const std::string& label) {
    if (peer == Peer::Xen) {
        return below_xen(lines);
    }
    const auto moment = moment_in(lines);
    if (peer == Peer::Bare || !moment) {
        return moment; // the counter is the machine's own
    }
    const auto ready = event_in(events, contract::Event::MachineReady, "");
    const auto running = event_in(events, contract::Event::VmRunning, label); // where its counter began
    if (!ready || !running) {
        return std::nullopt;
    }
    return ready->value(name_of(Member::EntryNs), 0.0) + running->value(name_of(Member::Ns), 0.0) + *moment;
}

Result<std::vector<Figure>> read_boot_figures(const ReadContext& context) {
    const GuestRun& run = context.run;
    const auto label = fmt::format("guest{}", context.guest);
    const auto first = first_process_ns(context.peer, run.lines[context.guest], run.events, label);
    if (!first) {
        return failure("bench: boot", label + " did not report when its first process started",
                       "The machine's output is in " + (run.logs / "console.log").string() + ".");
    }
    std::vector<Figure> figures{{.name = "first-process", .ns = *first}};
    std::error_code ignored;
    if (context.peer == Peer::Xen) {
        figures.push_back({.name = "image",
                           .ns = static_cast<double>(std::filesystem::file_size(xen_image(context.paths), ignored)),
                           .unit = "B"});
    }
    const auto ready = event_in(run.events, contract::Event::MachineReady, "");
    const auto stats = event_in(run.events, contract::Event::Reply, "");
    if (context.guest == 0 && ready && stats) {
        figures.push_back({.name = "image", .ns = ready->value(name_of(Member::ImageBytes), 0.0), .unit = "B"});
        figures.push_back({.name = "memory-kept",
                           .ns = stats->value(contract::monitor::key::hypervisor_frames, 0.0) * frame_bytes,
                           .unit = "B"});
    }
    return figures;
}

} // namespace trv::tool::dev::bench
