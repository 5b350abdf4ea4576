// SPDX-License-Identifier: Apache-2.0
#include "tool/xtest/xtest_view.hpp"

#include <fmt/format.h>

namespace trv::tool::xtest {

namespace {

std::string_view word_for(XtestCase::Verdict verdict) {
    switch (verdict) {
    case XtestCase::Verdict::Passed:
        return "ok";
    case XtestCase::Verdict::Failed:
        return "FAILED";
    case XtestCase::Verdict::Skipped:
        return "skipped";
    case XtestCase::Verdict::Running:
        break;
    }
    return "did not finish";
}

/// "[    1.234567] …", as the kernel stamps its messages.
bool is_of_kernel(const std::string& line) {
    const std::size_t digit = line.find_first_not_of(' ', 1);
    return line.starts_with('[') && digit != std::string::npos && line[digit] >= '0' && line[digit] <= '9' &&
           line.find("] ") != std::string::npos;
}

} // namespace

XtestView::XtestView(const std::vector<std::string>& vm_names, std::vector<XtestOutput>& outputs)
    : outputs_{outputs}, output_{stdout, console::colour_for(stdout), vm_names} {}

void XtestView::on_bytes(console::Channel /*channel*/, std::string_view /*bytes*/) {}

void XtestView::on_line(console::Channel channel, const std::string& line) {
    if (!contract::is_of_vm(channel) || contract::is_agent(channel) || contract::vm_of(channel) >= outputs_.size()) {
        return;
    }
    const std::size_t vm = contract::vm_of(channel);
    XtestOutput& xtest = outputs_[vm];
    const bool was_inside = xtest.is_inside();
    const std::chrono::duration<double> now = std::chrono::steady_clock::now() - started_;
    if (const XtestCase* ended = xtest.on_line(line, now.count())) {
        show(vm, *ended);
    } else if (!was_inside && !xtest.is_inside() && !line.empty() && !is_of_kernel(line)) {
        output_.print(vm, line);
    }
}

void XtestView::show(std::size_t vm, const XtestCase& ended) {
    output_.print(
        vm, fmt::format("{:<16} {:<7} {:6.1f} s  {}", ended.name, word_for(ended.verdict), ended.seconds, ended.title));
    for (const auto& line : ended.output) {
        output_.print(vm, "    " + line);
    }
}

void XtestView::say(std::string_view message) {
    fmt::print(stderr, "trivisor: {}\n", message);
}

} // namespace trv::tool::xtest
