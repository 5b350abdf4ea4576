#include "tool/bench/cycles.hpp"
#include "tool/bench/micro.hpp"
#include "tool/commands/command_line.hpp"

#include <memory>

namespace trv::tool::commands {

namespace {

struct Written {
    std::string suite{};
    bench::BenchOptions options{};
};

Result<int> run_bench(Context& context, const Written& written) {
    if (written.suite == "cycles") {
        return bench::run_cycles(context.paths, context.progress, written.suite, bench::bare_cycles, written.options);
    }
    if (written.suite == "cycles-linux") {
        return bench::run_cycles(context.paths, context.progress, written.suite, bench::linux_cycles, written.options);
    }
    return bench::run_micro(context.paths, context.progress, written.options);
}

} // namespace

void add_bench(CLI::App& app, Action& action) {
    const auto written = std::make_shared<Written>();
    CLI::App* command = app.add_subcommand("bench", "Measure what the hypervisor costs, and hold it to its promises");
    command
        ->add_option("--suite", written->suite,
                     "micro: instructions of exits, interrupts and switches; cycles, cycles-linux: what is lost when a "
                     "VM is made, booted and destroyed many times")
        ->required()
        ->check(CLI::IsMember({"micro", "cycles", "cycles-linux"}));
    command->add_option("--json", written->options.json, "Write the results to this file");
    command->add_option("--out", written->options.out, "Write the results to this folder, as SUITE.json");
    command->callback(
        [&action, written] { action = [written](Context& context) { return run_bench(context, *written); }; });
}

} // namespace trv::tool::commands
