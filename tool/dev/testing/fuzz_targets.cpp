// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/suites.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <vector>

namespace trv::tool::dev::testing {

namespace {

constexpr unsigned short_time = 5; // seconds a target
constexpr unsigned full_time = 60;
constexpr std::size_t shown_lines = 30;

std::vector<std::filesystem::path> built_targets(const Paths& paths) {
    std::vector<std::filesystem::path> targets;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(paths.build() / "tests" / "tests", ignored)) {
        if (entry.is_regular_file() && entry.path().filename().string().ends_with("_fuzz")) {
            targets.push_back(entry.path());
        }
    }
    std::ranges::sort(targets);
    return targets;
}

Result<void> run_target(const Paths& paths, const std::filesystem::path& target, unsigned seconds, TestReport& report) {
    const std::string name = target.filename().string();
    const auto folder = paths.build() / "fuzz" / name;
    const auto log = paths.logs() / (name + ".log");
    TRY(make_folder(folder / "corpus"));
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    Command command{.arguments = {target.string(), fmt::format("-max_total_time={}", seconds), "-timeout=10",
                                  "-print_final_stats=0", folder / "corpus"},
                    .folder = folder,
                    .log = log};
    const auto seeds = paths.root() / "tests" / "fuzz" / "seeds" / name;
    if (std::filesystem::is_directory(seeds, ignored)) {
        command.arguments.push_back(seeds);
    }
    const auto started = std::chrono::steady_clock::now();
    const auto status = TRY(run_process(command));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    if (status.good()) {
        report.passed(name, took.count());
    } else {
        report.failed(name, took.count(),
                      fmt::format("the input is in {}\n{}", paths.shown(folder), last_lines(log, shown_lines)));
    }
    return {};
}

} // namespace

Result<void> run_fuzz_targets(const Paths& paths, const TestOptions& options, TestReport& report) {
    const unsigned seconds = options.fuzz_seconds.value_or(options.full ? full_time : short_time);
    const std::regex filter{options.filter};
    for (const auto& target : built_targets(paths)) {
        if (std::regex_search(target.filename().string(), filter)) {
            TRY(run_target(paths, target, seconds, report));
        }
    }
    return {};
}

} // namespace trv::tool::dev::testing
