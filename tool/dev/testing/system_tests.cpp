// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_group.hpp"
#include "tool/dev/testing/case_machines.hpp"
#include "tool/dev/testing/suites.hpp"
#include "tool/dev/testing/system_case.hpp"
#include "tool/support/event_loop.hpp"

#include <algorithm>
#include <list>
#include <regex>
#include <span>
#include <thread>

namespace trv::tool::dev::testing {

namespace {

using Cases = std::vector<SystemCase>;

/// The cases that are wanted, a group for each file: what shares files or machines runs one after another.
Result<std::vector<Cases>> wanted_groups(const Paths& paths, const TestOptions& options) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(paths.root() / "tests" / "system")) {
        if (entry.path().extension() == ".toml") {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    const std::regex filter{options.filter};
    std::vector<Cases> groups;
    for (std::size_t place = 0; place < files.size(); ++place) {
        if (!options.part.has_file(place)) {
            continue;
        }
        Cases cases = TRY(read_cases(files[place]));
        std::erase_if(cases, [&](const SystemCase& one) {
            return (one.full && !options.full) || !std::regex_search(one.name, filter);
        });
        if (!cases.empty()) {
            groups.push_back(std::move(cases));
        }
    }
    return groups;
}

/// A group whose process is alive.
struct RunningGroup {
    CaseGroup group;
    EventLoop::Source verdicts{};
    bool ended = false;
};

/// @param most  maximum number of concurrent groups
Result<void> run_groups(std::span<Cases> groups, std::size_t most, const Paths& paths, TestReport& report) {
    EventLoop loop;
    std::list<RunningGroup> running;
    while (!groups.empty() || !running.empty()) {
        while (!groups.empty() && running.size() < most) {
            auto& started = running.emplace_back(TRY(CaseGroup::start(std::move(groups.front()), paths)));
            started.verdicts = loop.on_input(started.group.descriptor(),
                                             [&started, &report] { started.ended = !started.group.pass_on(report); });
            groups = groups.subspan(1);
        }
        TRY(loop.step());
        std::erase_if(running, [](const RunningGroup& one) { return one.ended; });
    }
    return {};
}

} // namespace

Result<std::vector<firmware::Optee>> optees_of_cases(const Paths& paths, const TestOptions& options) {
    std::vector<firmware::Optee> optees;
    for (const Cases& group : TRY(wanted_groups(paths, options))) {
        for (const SystemCase& system_case : group) {
            const auto one = optee_of(system_case, paths.root());
            if (one && std::ranges::find(optees, *one) == optees.end()) {
                optees.push_back(*one);
            }
        }
    }
    return optees;
}

Result<void> run_system_tests(const Paths& paths, const TestOptions& options, TestReport& report) {
    std::vector<Cases> groups = TRY(wanted_groups(paths, options));
    // A group may measure time that passes; such a one has the machine for itself, at last.
    const auto alone = std::ranges::partition(
        groups, [](const Cases& group) { return std::ranges::none_of(group, &SystemCase::alone); });
    const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
    TRY(run_groups({groups.begin(), alone.begin()}, most, paths, report));
    return run_groups(alone, 1, paths, report);
}

} // namespace trv::tool::dev::testing
