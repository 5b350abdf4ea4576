#include "tool/bench/micro.hpp"

#include "tool/bench/micro_report.hpp"
#include "tool/run/run_machine.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <iterator>

namespace trv::tool::bench {

namespace {

/// One boot of the guest: its machine, below machines/, and what it is to measure there.
struct Measurement {
    const char* machine;
    const char* command;
};

constexpr std::array measurements{
    Measurement{.machine = "bench-micro.toml", .command = "micro"},
    Measurement{.machine = "bench-micro-shared.toml", .command = "switch"}, // two vCPUs on one CPU
};
constexpr const char* vm_name = "vm"; // in both machines

struct Measured {
    std::vector<Figure> figures{};
    nlohmann::ordered_json versions{};
};

/// Appends to `measured`. Returns the run's exit code.
Result<int> measure(const Paths& paths, Progress& progress, const Measurement& measurement, Measured& measured) {
    const auto folder = TRY(TemporaryFolder::create(paths.build(), "bench"));
    const runs::RunOptions options{.machine = paths.root() / "machines" / measurement.machine,
                                   .commands = {{vm_name, measurement.command}},
                                   .json = folder.path() / "run.json",
                                   .instruction_clock = true};
    const auto result = TRY(runs::run_machine(paths, progress, options));
    auto figures = parse_figures(TRY(read_file(result.logs / (std::string{vm_name} + ".log"))));
    std::ranges::move(figures, std::back_inserter(measured.figures));
    const auto report = nlohmann::ordered_json::parse(TRY(read_file(options.json)), nullptr, false);
    if (report.is_object() && report.contains("versions")) {
        measured.versions = report["versions"];
    }
    return result.exit_code;
}

} // namespace

Result<int> run_micro(const Paths& paths, Progress& progress, const BenchOptions& options) {
    Measured measured;
    for (const auto& measurement : measurements) {
        if (const int code = TRY(measure(paths, progress, measurement, measured)); code != 0) {
            return code; // the run has said what went wrong
        }
    }
    fmt::print("\n{}", micro_table(measured.figures));
    TRY(write_results(options, "micro", micro_json(measured.figures, measured.versions)));
    const bool as_before = TRY(apply_baseline(options.baseline, "micro", measured.figures));
    return as_before && all_promises_kept(measured.figures) ? 0 : 1;
}

} // namespace trv::tool::bench
