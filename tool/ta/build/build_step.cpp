// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/build_step.hpp"

#include "tool/support/files.hpp"
#include "tool/ta/build/compiler_output.hpp"

#include <fmt/format.h>

namespace trv::tool::ta {
namespace {

constexpr std::size_t most_shown = 5;

} // namespace

Result<void> run_build_step(const Paths& paths, Command command) {
    command.environment.emplace_back("LC_ALL", "C"); // the output parsed below is in English
    std::error_code ignored;
    std::filesystem::remove(command.log, ignored);
    TRY(make_folder(command.log.parent_path()));
    if (TRY(run_process(command)).good()) {
        return {};
    }
    const auto errors = find_errors(read_file(command.log).value_or(""));
    const std::string log = paths.shown(command.log);
    if (errors.empty()) {
        return usage_error(paths.shown(command.folder), {}, "does not build",
                           fmt::format("The log, {}, ends with:\n{}", log, last_lines(command.log, most_shown)));
    }
    const auto place = [&](const Diagnostic& error) {
        return error.place(paths.shown((command.folder / error.file).lexically_normal()));
    };
    std::string rest;
    for (std::size_t index = 1; index < std::min(errors.size(), most_shown); ++index) {
        rest += fmt::format("\n{}: {}", place(errors[index]), errors[index].message);
    }
    if (errors.size() > most_shown) {
        rest += fmt::format("\n… and {} more", errors.size() - most_shown);
    }
    return usage_error(place(errors.front()), {}, errors.front().message,
                       fmt::format("The whole output is in {}.{}", log, rest));
}

} // namespace trv::tool::ta
