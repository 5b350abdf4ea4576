// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/agent_link.hpp"

#include "tool/control/control_client.hpp"
#include "tool/support/event_loop.hpp"

#include <fmt/format.h>

namespace trv::tool::ta {
namespace {

using contract::agent::Reply;

// Host seconds; generous, for an emulated machine on a busy host. They only end operations that hang.
constexpr double boot_limit = 180;
constexpr double answer_limit = 60;

} // namespace

Result<AgentLink> AgentLink::open(const std::filesystem::path& run_folder, const std::string& vm) {
    auto attached = TRY(control::attach_agent(run_folder, vm));
    AgentLink link(std::move(attached.lines), vm, attached.first_id);
    if (!attached.ready) {
        TRY(link.wait_for_hello());
    }
    return link;
}

Result<void> AgentLink::wait_for_hello() {
    Deadline limit;
    limit.set(boot_limit);
    while (!limit.passed()) {
        while (const auto line = lines_.next()) {
            const auto answer = run::parse_agent_reply(*line);
            if (answer && answer->kind == Reply::Hello) {
                return {};
            }
        }
        if (TRY(await_input(lines_.descriptor(), limit))) {
            TRY(lines_.receive());
        }
    }
    return failure(place(), fmt::format("its agent did not start within {} s", boot_limit),
                   "The agent needs rootfs = \"demo\"; see the VM's log in the run's folder.");
}

Result<std::optional<run::AgentReply>> AgentLink::answer_if_any(std::uint32_t id) {
    TRY(lines_.receive());
    while (const auto line = lines_.next()) {
        auto answer = run::parse_agent_reply(*line);
        if (!answer) {
            continue;
        }
        if (answer->kind == Reply::Hello) {
            return failure(place(), "it has rebooted", "Run the command again.");
        }
        if (answer->kind == Reply::Error) {
            return failure(place(), "its agent rejected the request: " + answer->text,
                           "The VM booted with an older agent: restart the machine.");
        }
        if (answer->id != id) {
            continue; // for a cancelled request
        }
        if (answer->kind == Reply::Failed) {
            return failure(place(), answer->text);
        }
        return answer;
    }
    return std::nullopt;
}

Result<run::AgentReply> AgentLink::answer(std::uint32_t id) {
    Deadline limit;
    limit.set(answer_limit);
    while (true) {
        if (auto answer = TRY(answer_if_any(id))) {
            return *std::move(answer);
        }
        if (!TRY(await_input(lines_.descriptor(), limit))) {
            return failure(place(), fmt::format("its agent did not answer within {} s", answer_limit),
                           "Check with `./trivisor vm list` whether the VM is paused.");
        }
    }
}

} // namespace trv::tool::ta
