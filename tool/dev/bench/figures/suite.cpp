// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/figures/suite.hpp"

#include "tool/dev/bench/figures/readers.hpp"
#include "tool/machine/machine_description.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace trv::tool::dev::bench {

namespace {

const std::vector<Peer> ours_only{Peer::Trivisor};

/// The kernel still works for itself for a while when the system is up: that is slept over.
const std::string settle = "sleep 10\n";

/// What exits cost. The instruction clock counts them; bare metal has none.
Suite micro() {
    const std::vector<Peer> hypervisors{Peer::Xen, Peer::Trivisor};
    constexpr std::uint64_t memory = 64 * machine::mib;
    return {.name = "micro",
            .clocks = {Clock::Icount},
            .measurements = {{.name = "micro",
                              .payload = "micro",
                              .script = "micro",
                              .peers = hypervisors,
                              .vcpus = 2,
                              .cpus = 2,
                              .with_tee = false,
                              .guest_memory = memory},
                             {.name = "micro-switch",
                              .payload = "micro",
                              .script = "switch",
                              .peers = hypervisors,
                              .vcpus = 2, // on one CPU
                              .with_tee = false,
                              .guest_memory = memory}}};
}

Suite tee_call() {
    return {.name = "tee-call",
            .project = "tee_call",
            .measurements = {{.name = "tee-call", .script = settle + "tee_call"}}};
}

/// Guests that call at the same time: on bare metal there is one, and Xen's dom0 has no second guest that could.
Suite tee_call_two() {
    return {.name = "tee-call-two",
            .project = "tee_call",
            .measurements = {{.name = "tee-call-one", .script = settle + "tee_call throughput 2", .suffix = "-alone"},
                             {.name = "tee-call-two",
                              .script = settle + "tee_call throughput 2",
                              .suffix = "-of-two",
                              .peers = ours_only,
                              .guests = 2}}};
}

Suite xtest() {
    return {.name = "xtest",
            .measurements = {{.name = "xtest", .script = settle + xtest_script(), .read = read_xtest_figures}}};
}

Suite cpu() {
    return {.name = "cpu",
            .measurements = {{.name = "cpu",
                              .script = settle + "cpu_load sha256 24\ncpu_load walk 40000000",
                              .programs = {"cpu_load"},
                              .count_exits = true,
                              .read = read_exit_figures}}};
}

Suite boot() {
    return {
        .name = "boot",
        .measurements = {{.name = "boot", .programs = {"moment"}, .first_process = "moment", .read = read_boot_figures},
                         {.name = "boot-two",
                          .programs = {"moment"},
                          .first_process = "moment",
                          .suffix = "-two-guests",
                          .peers = ours_only,
                          .guests = 2,
                          .read = read_boot_figures}}};
}

/// One to all VMs that fit, without and with a TEE; the frames of the hypervisor and the last guest's boot tell what each
/// adds. Then all of them call at the same time.
Suite scale() {
    Suite suite{.name = "scale", .project = "tee_call", .measurements = {}};
    for (const unsigned guests : {1U, 2U, 4U, 8U, 16U}) {
        suite.measurements.push_back({.name = fmt::format("scale-{}", guests),
                                      .programs = {"moment"},
                                      .first_process = "moment",
                                      .suffix = fmt::format("-{:02}-guests", guests),
                                      .peers = ours_only,
                                      .guests = guests,
                                      .with_tee = false,
                                      .guest_memory = 256 * machine::mib,
                                      .watch_idle = true,
                                      .read = read_scale_figures});
    }
    for (const unsigned guests : {1U, 2U, 4U, 8U, 16U}) {
        suite.measurements.push_back({.name = fmt::format("scale-tee-{}", guests),
                                      .programs = {"moment"},
                                      .first_process = "moment",
                                      .suffix = fmt::format("-{:02}-guests-with-tee", guests),
                                      .peers = ours_only,
                                      .guests = guests,
                                      .guest_memory = 256 * machine::mib,
                                      .watch_idle = true,
                                      .read = read_scale_figures});
    }
    for (const unsigned guests : {1U, 2U, 4U, 8U, 16U}) {
        suite.measurements.push_back({.name = fmt::format("scale-calls-{}", guests),
                                      .script = settle + "tee_call throughput 2",
                                      .suffix = fmt::format("-{:02}-guests", guests),
                                      .peers = ours_only,
                                      .guests = guests,
                                      .guest_memory = 256 * machine::mib});
    }
    return suite;
}

} // namespace

Result<std::vector<Figure>> read_figure_lines(const ReadContext& context) {
    return parse_figures(fmt::format("{}", fmt::join(context.run.lines[context.guest], "\n")));
}

std::span<const Suite> compared_suites() {
    static const std::vector<Suite> suites{micro(), tee_call(), tee_call_two(), xtest(), cpu(), boot(), scale()};
    return suites;
}

const Suite* find_suite(std::string_view name) {
    const auto suites = compared_suites();
    const auto found = std::ranges::find(suites, name, &Suite::name);
    return found == suites.end() ? nullptr : &*found;
}

} // namespace trv::tool::dev::bench
