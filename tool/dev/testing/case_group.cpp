// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_group.hpp"

#include "tool/dev/testing/case_run.hpp"
#include "tool/dev/testing/leftover_processes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <span>

namespace trv::tool::dev::testing {

namespace {

using nlohmann::json;

/// In the group's process: a line of JSON for each case.
void judge(std::span<const SystemCase> cases, const Paths& paths, int verdicts) {
    adopt_leftover_processes();
    for (const SystemCase& system_case : cases) {
        const auto started = std::chrono::steady_clock::now();
        const auto problems = run_case(system_case, paths);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
        const json verdict{{"seconds", took.count()}, {"problems", problems ? *problems : to_string(problems.error())}};
        // A guest's output need not be UTF-8.
        ::dprintf(verdicts, "%s\n", verdict.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
    }
}

} // namespace

Result<CaseGroup> CaseGroup::start(std::vector<SystemCase> cases, const Paths& paths) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("test", "cannot create a pipe for the verdicts");
    }
    FileDescriptor ours{ends[0]};
    const FileDescriptor its{ends[1]};
    const pid_t process = ::fork();
    if (process < 0) {
        return system_failure("test", "cannot start a process for the cases");
    }
    if (process == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM); // on which what the cases started ends, too: see Process
        judge(cases, paths, its.get());
        ::_exit(0);
    }
    return CaseGroup{std::move(cases), process, std::move(ours)};
}

bool CaseGroup::pass_on(TestReport& report) {
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(verdicts_.get(), bytes.data(), bytes.size());
    if (got > 0) {
        lines_.feed({bytes.data(), static_cast<std::size_t>(got)});
        while (const auto line = lines_.next()) {
            report_line(*line, report);
        }
        return true;
    }
    ::waitpid(process_, nullptr, 0);
    for (; judged_ < cases_.size(); ++judged_) {
        report.failed(cases_[judged_].name, 0, "the process that ran it died");
    }
    return false;
}

void CaseGroup::report_line(const std::string& line, TestReport& report) {
    const json verdict = json::parse(line);
    const std::string problems = verdict.at("problems");
    const double seconds = verdict.at("seconds");
    const std::string& name = cases_.at(judged_++).name;
    if (problems.empty()) {
        report.passed(name, seconds);
    } else {
        report.failed(name, seconds, problems);
    }
}

} // namespace trv::tool::dev::testing
