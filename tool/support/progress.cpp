// SPDX-License-Identifier: Apache-2.0
#include "tool/support/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace trv::tool {
namespace {

/// A line that wraps cannot be redrawn, so it is cut at the terminal's width.
std::string_view fit(std::string_view line, std::FILE* out) {
    winsize size{};
    const bool known = ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return line.substr(0, known ? size.ws_col - 1U : 79U);
}

} // namespace

Progress::Progress() : Progress(stderr, ::isatty(STDERR_FILENO) == 1 ? Style::Terminal : Style::Lines) {}

void Progress::say(std::string_view line) {
    permanent(line);
}

void Progress::transient(std::string_view line) {
    if (style_ == Style::Terminal) {
        fmt::print(out_, "\r\033[K{}", fit(line, out_));
        std::fflush(out_);
    }
}

void Progress::permanent(std::string_view line) {
    fmt::print(out_, "{}{}\n", style_ == Style::Terminal ? "\r\033[K" : "", line);
    std::fflush(out_);
}

Progress::Step::Step(Progress& progress, std::string name) : progress_(progress), name_(std::move(name)) {
    if (progress_.style_ == Style::Terminal) {
        progress_.transient(name_ + " …");
    } else {
        progress_.permanent(name_ + " …");
    }
}

Progress::Step::~Step() {
    if (open_) {
        progress_.permanent(fmt::format("{}: failed after {:.1f} s", name_, seconds()));
    }
}

void Progress::Step::update(std::string_view detail) {
    progress_.transient(fmt::format("{}: {}", name_, detail));
}

void Progress::Step::done(std::string_view result) {
    open_ = false;
    progress_.permanent(fmt::format("{}: {} ({:.1f} s)", name_, result.empty() ? "done" : result, seconds()));
}

double Progress::Step::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

} // namespace trv::tool
