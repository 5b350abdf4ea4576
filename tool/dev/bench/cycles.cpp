// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/cycles.hpp"

#include "tool/dev/bench/balance.hpp"
#include "tool/dev/bench/machine_links.hpp"
#include "tool/support/deadline.hpp"
#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <thread>

namespace trv::tool::dev::bench {

namespace {

using nlohmann::ordered_json;

constexpr const char* keeper = "keeper"; // lives on, so that the machine does
constexpr double state_limit = 120;      // host seconds for one step of a VM's life; a busy host is slow
constexpr std::chrono::milliseconds pause{5};
constexpr std::chrono::milliseconds settle_pause{200};

Result<void> wait_until_gone(const MonitorLink& link, const std::string& vm) {
    Deadline deadline;
    deadline.set(state_limit);
    while (state_of(TRY(link.ask("list")), vm)) {
        if (deadline.passed()) {
            return failure(vm, fmt::format("still exists after {} s", state_limit));
        }
        std::this_thread::sleep_for(pause);
    }
    return {};
}

/// From wherever it stands to having gone. One that just goes by itself refuses to be destroyed, which is as well.
Result<void> clear_away(const MonitorLink& link, const std::string& vm) {
    if (state_of(TRY(link.ask("list")), vm)) {
        (void)link.ask("destroy " + vm);
    }
    return wait_until_gone(link, vm);
}

/// A VM that `list` no longer names may still be giving back its last object: then `start` says that it is there.
Result<void> start(const MonitorLink& link, const std::string& vm) {
    Deadline deadline;
    deadline.set(state_limit);
    for (;;) {
        const auto started = link.ask("start " + vm);
        if (started || deadline.passed() || !started.error().what.contains("it already exists")) {
            return started ? Result<void>{} : std::unexpected{started.error()};
        }
        std::this_thread::sleep_for(pause);
    }
}

Result<void> cycle(const MonitorLink& link, const CyclesSuite& suite) {
    if (suite.self_ending != nullptr) {
        TRY(start(link, suite.self_ending));
    }
    auto watch = TRY(ConsoleWatch::open(link.run_folder(), suite.destroyed));
    TRY(start(link, suite.destroyed));
    TRY(watch.wait_for(suite.sign, state_limit));
    TRY(link.ask(fmt::format("destroy {}", suite.destroyed)));
    TRY(wait_until_gone(link, suite.destroyed));
    return suite.self_ending == nullptr ? Result<void>{} : wait_until_gone(link, suite.self_ending);
}

Result<Balance> take_balance(const MonitorLink& link) {
    const auto balance = balance_of(TRY(link.ask("stats")));
    return balance ? Result<Balance>{*balance} : failure("monitor", "a number is missing from stats");
}

/// What is left once nothing changes any more: a VM that has just gone gives its last objects back a moment later.
Result<Balance> settled_balance(const MonitorLink& link) {
    for (Balance last = TRY(take_balance(link));;) {
        std::this_thread::sleep_for(settle_pause);
        const Balance balance = TRY(take_balance(link));
        if (balance == last) {
            return balance;
        }
        last = balance;
    }
}

/// What is left in the end: as much as before once it is, but for that it may take as long as a step of a VM's life.
Result<Balance> final_balance(const MonitorLink& link, const Balance& before) {
    Deadline deadline;
    deadline.set(state_limit);
    for (;;) {
        const Balance balance = TRY(take_balance(link));
        if (balance == before || deadline.passed()) {
            return balance;
        }
        std::this_thread::sleep_for(settle_pause);
    }
}

} // namespace

Result<int> run_cycles(Context& context, const std::string& name, const CyclesSuite& suite,
                       const BenchOptions& options) {
    TRY(make_folder(context.paths.logs()));
    auto link = TRY(MonitorLink::start(context.paths, suite.machine, fmt::format("{}=sleep", keeper),
                                       context.paths.logs() / ("bench-" + name + ".log")));
    // The machine has started them once: their resources are released before counting.
    TRY(clear_away(link, suite.destroyed));
    if (suite.self_ending != nullptr) {
        TRY(clear_away(link, suite.self_ending));
    }
    TRY(cycle(link, suite)); // what is made once and kept, such as page tables of the hypervisor's own, is there then
    const Balance before = TRY(settled_balance(link));
    {
        Progress::Step step{context.progress, name};
        for (unsigned i = 0; i < suite.count; ++i) {
            TRY(cycle(link, suite));
            step.update(fmt::format("{} of {}", i + 1, suite.count));
        }
        step.done(fmt::format("{} cycles", suite.count));
    }
    const Balance after = TRY(final_balance(link, before));
    TRY(link.power_off());
    fmt::print("{}", balance_table(before, after));
    const ordered_json result{{"suite", name},
                              {"cycles", suite.count},
                              {"before", to_json(before)},
                              {"after", to_json(after)},
                              {"equal", before == after}};
    TRY(write_results(options, name, result.dump(2) + "\n"));
    return before == after ? 0 : 1;
}

} // namespace trv::tool::dev::bench
