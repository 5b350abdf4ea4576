// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/script_run.hpp"

#include "tool/run/session/agent_reply.hpp"

#include <utility>

namespace trv::tool::ta {
namespace {

using contract::agent::Reply;
using contract::agent::Request;

class ScriptRun {
  public:
    ScriptRun(AgentLink& link, control::LineStream tee, const RunOutput& output)
        : link_(link), tee_(std::move(tee)), output_(output), id_(link.next_id()) {}

    Result<std::optional<int>> run(ScriptLoop& scripts, const std::string& script) {
        TRY(link_.send(run::agent_request(Request::Capture, id_, {}, script)));
        const auto answers = scripts.loop.on_input(link_.descriptor(), [this] { return take_answers(); });
        const auto tee = scripts.loop.on_input(tee_.descriptor(), [this] { return show_tee_lines(); });
        bool killed = false;
        while (!code_) {
            if (scripts.interrupted && !std::exchange(killed, true)) {
                TRY(link_.send(run::agent_request(Request::Kill, id_)));
            }
            TRY(scripts.loop.step());
        }
        TRY(show_tee_lines());
        if (const auto rest = lines_.rest()) {
            output_.on_guest_line(*rest);
        }
        return killed ? std::nullopt : code_;
    }

  private:
    Result<void> take_answers() {
        while (const auto answer = TRY(link_.answer_if_any(id_))) {
            if (answer->kind == Reply::Output) {
                lines_.feed(answer->text);
                while (const auto line = lines_.next()) {
                    TRY(show_tee_lines()); // they came first
                    output_.on_guest_line(*line);
                }
            } else if (answer->kind == Reply::Exit) {
                code_ = answer->code;
                return {};
            }
        }
        return {};
    }

    Result<void> show_tee_lines() {
        TRY(tee_.receive());
        while (const auto line = tee_.next()) {
            output_.on_tee_line(*line);
        }
        return {};
    }

    AgentLink& link_;
    control::LineStream tee_;
    const RunOutput& output_;
    std::uint32_t id_;
    console::LineSplitter lines_;
    std::optional<int> code_;
};

} // namespace

Result<std::optional<int>> run_script(ScriptLoop& loop, AgentLink& link, control::LineStream tee,
                                      const std::string& script, const RunOutput& output) {
    return ScriptRun(link, std::move(tee), output).run(loop, script);
}

} // namespace trv::tool::ta
