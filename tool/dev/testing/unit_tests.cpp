// SPDX-License-Identifier: Apache-2.0
#include "tool/console/line_splitter.hpp"
#include "tool/dev/testing/suites.hpp"
#include "tool/setup/setup_lock.hpp"
#include "tool/support/process/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <regex>
#include <thread>

namespace trv::tool::dev::testing {

namespace {

/// Runs a command and hands out its lines as they come.
Result<ExitStatus> run_with_lines(Command command, const std::function<void(const std::string&)>& on_line) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure(command.arguments.front(), "cannot create a pipe for it");
    }
    const FileDescriptor ours{ends[0]};
    FileDescriptor its{ends[1]};
    command.output = its.get();
    command.error_output = its.get();
    Process process = TRY(Process::start(command));
    its.reset();
    console::LineSplitter lines;
    std::array<char, 4096> bytes;
    for (ssize_t got = 0; (got = ::read(ours.get(), bytes.data(), bytes.size())) > 0;) {
        lines.feed({bytes.data(), static_cast<std::size_t>(got)});
        while (const auto line = lines.next()) {
            on_line(*line);
        }
    }
    if (const auto line = lines.rest()) {
        on_line(*line);
    }
    return process.wait();
}

} // namespace

Result<void> build_tests(Context& context) {
    const auto lock = TRY(setup::SetupLock::take(context));
    Progress::Step step{context.progress, "test: build unit tests and fuzz targets"};
    const auto log = context.paths.logs() / "tests-build.log";
    TRY(run_checked("test: configure",
                    {.arguments = {"cmake", "--preset", "tests"}, .folder = context.paths.root(), .log = log}));
    TRY(run_checked(
        "test: build",
        {.arguments = {"cmake", "--build", "--preset", "tests"}, .folder = context.paths.root(), .log = log}));
    step.done();
    return {};
}

std::optional<std::pair<unsigned, unsigned>> ctest_counts(std::string_view line) {
    static const std::regex summary{R"(^\d+% tests passed, (\d+) tests? failed out of (\d+))"};
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_search(line.begin(), line.end(), match, summary)) {
        return std::nullopt;
    }
    const auto failed = static_cast<unsigned>(std::stoul(match[1].str()));
    const auto all = static_cast<unsigned>(std::stoul(match[2].str()));
    return std::pair{all - failed, failed};
}

Result<void> run_unit_tests(const Paths& paths, const TestOptions& options, TestReport& report) {
    const unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
    Command command{
        .arguments = {"ctest", "--preset", "tests", "--parallel", std::to_string(jobs), "--no-tests=ignore"},
        .folder = paths.root()};
    if (options.full) {
        command.arguments.insert(command.arguments.end(), {"--build-config", "full"});
    }
    if (!options.filter.empty()) {
        command.arguments.insert(command.arguments.end(), {"--tests-regex", options.filter});
    }
    bool counted = false;
    const auto status = TRY(run_with_lines(command, [&](const std::string& line) {
        fmt::print("{}\n", line);
        if (const auto counts = ctest_counts(line)) {
            report.add(counts->first, counts->second);
            counted = true;
        }
    }));
    if (!counted && !status.good()) {
        report.failed("unit tests", 0, fmt::format("ctest ended with exit code {}", status.code));
    }
    return {};
}

} // namespace trv::tool::dev::testing
