// SPDX-License-Identifier: Apache-2.0
#include "tool/run/machine_line.hpp"

#include "contract/channels.hpp"
#include "contract/monitor.hpp"

#include <utility>

namespace trv::tool::run {

Result<MachineLine> MachineLine::start(const qemu::QemuOptions& options, const std::filesystem::path& log,
                                       const std::string& bare_vm) {
    auto bare = bare_vm.empty() ? std::nullopt : std::optional{BareFrames{bare_vm}};
    return MachineLine{TRY(qemu::QemuMachine::start(options, log)), std::move(bare)};
}

std::optional<std::string> MachineLine::read() {
    auto bytes = machine_.console().read();
    if (!bare_ || !bytes || bytes->empty()) {
        return bytes;
    }
    const std::string before = std::exchange(started_, true) ? "" : bare_->on_start();
    return before + bare_->on_console(*bytes);
}

std::optional<std::string> MachineLine::read_agent() {
    const auto bytes = machine_.agent()->read();
    return bytes ? std::optional{bare_->on_agent(*bytes)} : std::nullopt;
}

std::string MachineLine::on_end() {
    return bare_ && started_ && machine_.wait().good() ? bare_->on_end() : "";
}

std::string MachineLine::send(console::Channel channel, std::string_view text) {
    if (!bare_) {
        machine_.console().write(console::encode_frame(channel, text));
    } else if (channel == contract::console_channel(0)) {
        machine_.console().write(text);
    } else if (channel == contract::agent_channel(0)) {
        machine_.agent()->write(text);
    } else if (text.starts_with(name_of(contract::monitor::Command::PowerOff))) {
        machine_.kill();
        return bare_->on_end();
    } else {
        return bare_->on_command(text);
    }
    return "";
}

void MachineLine::flush() {
    for (qemu::Port* port : {&machine_.console(), machine_.agent()}) {
        if (port != nullptr && port->has_unsent()) {
            port->flush();
        }
    }
}

} // namespace trv::tool::run
