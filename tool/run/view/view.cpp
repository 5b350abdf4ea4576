// SPDX-License-Identifier: Apache-2.0
#include "tool/run/view/view.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace trv::tool::run {

StreamingView::StreamingView(const std::vector<std::string>& vm_names)
    : vm_count_{vm_names.size()}, output_{stdout, console::colour_for(stdout), vm_names} {}

void StreamingView::on_bytes(console::Channel /*channel*/, std::string_view /*bytes*/) {}

void StreamingView::on_line(console::Channel channel, const std::string& line) {
    if (contract::is_of_vm(channel) && !contract::is_agent(channel) && contract::vm_of(channel) < vm_count_) {
        output_.print(contract::vm_of(channel), line);
    }
}

void StreamingView::say(std::string_view message) {
    fmt::print(stderr, "trivisor: {}\n", message);
}

} // namespace trv::tool::run
