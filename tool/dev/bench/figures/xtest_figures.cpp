// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/figures/readers.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <regex>

namespace trv::tool::dev::bench {

namespace {

struct Benchmark {
    const char* number;
    const char* name;
};
constexpr std::array benchmarks{
    Benchmark{.number = "1001", .name = "1001-storage-write-1m"},
    Benchmark{.number = "1002", .name = "1002-storage-read-1m"},
    Benchmark{.number = "1003", .name = "1003-storage-rewrite-1m"},
    Benchmark{.number = "2001", .name = "2001-sha1"},
    Benchmark{.number = "2002", .name = "2002-sha256"},
    Benchmark{.number = "2011", .name = "2011-aes-ecb"},
    Benchmark{.number = "2012", .name = "2012-aes-cbc"},
};

constexpr std::string_view mark = "xtest-benchmark "; // the script says which comes next

std::string name_of(std::string_view number) {
    for (const Benchmark& benchmark : benchmarks) {
        if (number == benchmark.number) {
            return benchmark.name;
        }
    }
    return {};
}

/// "1048576 | 8.946 | 114.464": bytes, seconds, kB/s. "min=…us max=…us mean=139.0us …": microseconds.
std::optional<double> nanoseconds_in(const std::string& line) {
    static const std::regex storage(R"(^\s*1048576\s*\|\s*([0-9.]+)\s*\|.*)");
    static const std::regex mean(R"(.*\bmean=([0-9.]+)us\b.*)");
    std::smatch match;
    if (std::regex_match(line, match, storage)) {
        return std::stod(match[1]) * 1e9;
    }
    if (std::regex_match(line, match, mean)) {
        return std::stod(match[1]) * 1e3;
    }
    return std::nullopt;
}

} // namespace

std::string xtest_script() {
    std::string script;
    for (const Benchmark& benchmark : benchmarks) {
        script += fmt::format("echo {}{}\nxtest -t benchmark {}\n", mark, benchmark.number, benchmark.number);
    }
    return script;
}

std::vector<Figure> parse_xtest_figures(const std::vector<std::string>& lines) {
    std::vector<Figure> figures;
    std::string name;
    for (const std::string& line : lines) {
        if (line.starts_with(mark)) {
            name = name_of(std::string_view{line}.substr(mark.size()));
        } else if (const auto ns = name.empty() ? std::nullopt : nanoseconds_in(line)) {
            figures.push_back({.name = std::exchange(name, {}), .ns = *ns});
        }
    }
    return figures;
}

Result<std::vector<Figure>> read_xtest_figures(const ReadContext& context) {
    auto figures = parse_xtest_figures(context.run.lines[context.guest]);
    if (figures.size() != benchmarks.size()) {
        return failure("bench: xtest",
                       fmt::format("only {} of its {} benchmarks have a result", figures.size(), benchmarks.size()),
                       "Its output is in " + (context.run.logs / "console.log").string() + ".");
    }
    return figures;
}

} // namespace trv::tool::dev::bench
