// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/dev/bench/compare.hpp"
#include "tool/dev/bench/cycles.hpp"

#include <algorithm>
#include <memory>

namespace trv::tool::commands {

namespace {

struct Written {
    std::vector<std::string> suites{};
    std::vector<std::string> peers{"bare", "xen", "trivisor"};
    std::vector<std::string> clocks{"icount"};
    std::string platform{platform::qemu_virt.name};
    dev::bench::CompareOptions options{};
};

template <typename Value, std::size_t Count>
std::vector<Value> named(const std::array<Value, Count>& values, const std::vector<std::string>& words) {
    std::vector<Value> found;
    for (const Value value : values) { // in the order of all of them, each once
        if (std::ranges::find(words, std::string{name(value)}) != words.end()) {
            found.push_back(value);
        }
    }
    return found;
}

template <typename Value, std::size_t Count>
std::vector<std::string> names_of(const std::array<Value, Count>& values) {
    std::vector<std::string> names;
    for (const Value value : values) {
        names.emplace_back(name(value));
    }
    return names;
}

std::vector<std::string> suite_names() {
    std::vector<std::string> names{"cycles", "cycles-linux"};
    for (const dev::bench::Suite& suite : dev::bench::compared_suites()) {
        names.push_back(suite.name);
    }
    return names;
}

/// Those whose firmware ends QEMU, as the peers need it.
std::vector<const platform::Platform*> measured_platforms() {
    std::vector<const platform::Platform*> found;
    for (std::size_t index = 0; index < platform::names().size(); ++index) {
        if (const platform::Platform& one = platform::by_index(index); one.powers_off) {
            found.push_back(&one);
        }
    }
    return found;
}

std::vector<std::string> platform_names() {
    std::vector<std::string> names;
    for (const platform::Platform* one : measured_platforms()) {
        names.emplace_back(one->name);
    }
    return names;
}

/// @param name  of platform_names()
const platform::Platform* platform_named(const std::string& name) {
    const std::vector<const platform::Platform*> all = measured_platforms();
    return *std::ranges::find(all, name, &platform::Platform::name);
}

Result<int> run_suite(Context& context, const Written& written, const std::string& name) {
    const dev::bench::BenchOptions& files = written.options.files;
    if (name == "cycles") {
        return dev::bench::run_cycles(context, name, dev::bench::bare_cycles, files);
    }
    if (name == "cycles-linux") {
        return dev::bench::run_cycles(context, name, dev::bench::linux_cycles, files);
    }
    dev::bench::CompareOptions options = written.options;
    options.platform = platform_named(written.platform);
    options.peers = named(dev::bench::all_peers, written.peers);
    options.clocks = named(dev::bench::all_clocks, written.clocks);
    return dev::bench::run_compare(context, *dev::bench::find_suite(name), options);
}

/// Runs the suites one after the other; returns the worst exit code.
Result<int> run_bench(Context& context, const Written& written) {
    if (written.suites.size() > 1 && !written.options.files.json.empty()) {
        return usage_error("bench", "--json", "takes the results of only one suite",
                           "Use --out FOLDER for several suites.");
    }
    int worst = 0;
    for (const std::string& suite : written.suites) {
        worst = std::max(worst, TRY(run_suite(context, written, suite)));
    }
    return worst;
}

} // namespace

void add_bench(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command =
        app.add_subcommand("bench", "Measure the hypervisor's overhead and check it against its limits");
    command
        ->add_option(
            "--suite", written->suites,
            "cycles, cycles-linux: resources leaked by creating, booting and destroying a VM many times. "
            "Compared with peers: micro: exits, interrupts, switches; tee-call, tee-call-two: calls to OP-TEE; "
            "xtest: OP-TEE's own benchmarks; cpu: slowdown of a busy guest; boot: boot time; scale: cost of each "
            "additional VM")
        ->delimiter(',')
        ->required()
        ->check(CLI::IsMember(suite_names()));
    command->add_option("--platform", written->platform, "Board of the peers; cycles has machines of its own")
        ->check(CLI::IsMember(platform_names()))
        ->capture_default_str();
    command->add_option("--on", written->peers, "Systems to compare: bare (no hypervisor), xen, trivisor")
        ->delimiter(',')
        ->check(CLI::IsMember(names_of(dev::bench::all_peers)))
        ->capture_default_str();
    command
        ->add_option("--clock", written->clocks,
                     "icount: one instruction takes 1 ns, exact; wall: host time, medians of several runs")
        ->delimiter(',')
        ->check(CLI::IsMember(names_of(dev::bench::all_clocks)))
        ->capture_default_str();
    command->add_option("--runs", written->options.runs, "Number of runs per measurement with the wall clock")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_option("--json", written->options.files.json, "Write the results of one suite to this file");
    command->add_option("--out", written->options.files.out, "Write results.json, tables and plots to this folder");
    CLI::Option* baseline =
        command->add_option("--baseline", written->options.files.baseline.file,
                            "Fail if a Trivisor figure exceeds the value in this file by more than 2 %");
    command
        ->add_flag("--new-baseline", written->options.files.baseline.write,
                   "Write the measured values to the --baseline file instead of comparing")
        ->needs(baseline);
    command->callback(
        [&action, written] { action = [written](Context& context) { return run_bench(context, *written); }; });
}

} // namespace trv::tool::commands
