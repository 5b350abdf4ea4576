// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/control/control_request.hpp"
#include "tool/control/line_stream.hpp"
#include "tool/run/session/agent_reply.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trv::tool::ta {

/// A conversation with the agent of a VM, through the `run` that keeps its machine running.
class AgentLink {
  public:
    /// Waits until the agent is up.
    [[nodiscard]] static Result<AgentLink> open(const std::filesystem::path& run_folder, const std::string& vm);

    [[nodiscard]] const std::string& vm() const { return vm_; }

    /// A request number that no other request uses. It is reused long after its request has ended.
    [[nodiscard]] std::uint32_t next_id() { return first_id_ + used_ids_++ % control::agent_ids_of_client; }

    [[nodiscard]] Result<void> send(std::string_view line) { return lines_.send(line); }

    /// The next reply to this request. The VM's reboot, the request's failure and the machine's end are errors.
    [[nodiscard]] Result<run::AgentReply> answer(std::uint32_t id);

    /// For an EventLoop: readable when the agent has sent a line, or the machine has ended.
    [[nodiscard]] int descriptor() const { return lines_.descriptor(); }

    /// Like answer(), without waiting.
    [[nodiscard]] Result<std::optional<run::AgentReply>> answer_if_any(std::uint32_t id);

  private:
    AgentLink(control::LineStream lines, std::string vm, std::uint32_t first_id)
        : lines_(std::move(lines)), vm_(std::move(vm)), first_id_(first_id) {}

    [[nodiscard]] Result<void> wait_for_hello();
    [[nodiscard]] std::string place() const { return "VM " + vm_; }

    control::LineStream lines_;
    std::string vm_;
    std::uint32_t first_id_;
    std::uint32_t used_ids_ = 0;
};

} // namespace trv::tool::ta
