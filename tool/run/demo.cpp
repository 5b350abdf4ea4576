#include "tool/run/demo.hpp"

#include "tool/run/run_machine.hpp"
#include "tool/run/summary_table.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>

namespace trv::tool::runs {

namespace {

constexpr std::array commands{
    "uname -a",
    "nproc",
    "cat /proc/interrupts",
    "dmesg | grep -iE 'psci|gic|el1|arch_timer' | head -n 20",
};

} // namespace

Result<int> run_demo(const Paths& paths, Progress& progress) {
    RunOptions options{.machine = paths.root() / "machines" / "one.toml"};
    for (const char* command : commands) {
        options.commands.emplace_back("vm", command);
    }
    const auto result = TRY(run_machine(paths, progress, options));
    fmt::print("\n{}\nLogs: {}\n", summary_table(result.session), paths.shown(result.logs));
    return result.exit_code;
}

} // namespace trv::tool::runs
