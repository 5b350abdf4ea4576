// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"
#include "tool/dev/testing/suites.hpp"
#include "tool/setup/setup.hpp"

#include <fmt/format.h>

#include <memory>
#include <regex>

namespace trv::tool::commands {

namespace {

Result<void> check_filter(const std::string& filter) {
    try {
        [[maybe_unused]] const std::regex compiled{filter};
    } catch (const std::regex_error& problem) {
        return usage_error("--filter", filter, problem.what(), "Write an ECMAScript regular expression.");
    }
    return {};
}

void run_built_tests(Context& context, const dev::testing::TestOptions& options, dev::testing::TestReport& report) {
    if (!report.note("build", dev::testing::build_tests(context))) {
        return;
    }
    if (options.wants("unit")) {
        report.note("unit tests", dev::testing::run_unit_tests(context.paths, options, report));
    }
    if (options.wants("fuzz")) {
        report.note("fuzz targets", dev::testing::run_fuzz_targets(context.paths, options, report));
    }
}

Result<void> set_up(Context& context, const dev::testing::TestOptions& options) {
    return setup::run_setup(context, {.optees = TRY(dev::testing::optees_of_cases(context.paths, options))});
}

Result<int> run_tests(Context& context, const dev::testing::TestOptions& options) {
    TRY(check_filter(options.filter));
    dev::testing::TestReport report{stdout};
    if (options.wants("unit") || options.wants("fuzz")) {
        run_built_tests(context, options, report);
    }
    if (options.wants("system") && report.note("setup", set_up(context, options))) {
        report.note("system tests", dev::testing::run_system_tests(context.paths, options, report));
    }
    if (report.empty()) {
        return usage_error("--filter", options.filter, "no test matches");
    }
    fmt::print("{}\n", report.summary());
    return report.good() ? 0 : 1;
}

} // namespace

void add_test(CLI::App& app, Action& action) {
    const auto options = std::make_shared<dev::testing::TestOptions>();
    CLI::App* command = app.add_subcommand("test", "Run the tests; all suites by default");
    command->add_option("SUITE", options->suite, "unit, fuzz or system")
        ->check(CLI::IsMember({"unit", "fuzz", "system"}));
    command->add_flag("--full", options->full, "Also run the slow tests");
    command->add_option("--time", options->fuzz_seconds, "Seconds per fuzz target")->check(CLI::PositiveNumber);
    command->add_option("--filter", options->filter, "Run only the tests whose names match this regular expression");
    command
        ->add_option_function<std::string>(
            "--part", [options](const std::string& text) { options->part = *dev::testing::parse_part(text); },
            "Run one part of several, for example 2/4, so that several machines share the run")
        ->check([](const std::string& text) {
            return dev::testing::parse_part(text) ? std::string{} : "'" + text + "' is not a part: write NUMBER/COUNT";
        });
    command->callback(
        [&action, options] { action = [options](Context& context) { return run_tests(context, *options); }; });
}

} // namespace trv::tool::commands
