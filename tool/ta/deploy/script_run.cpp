// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/script_run.hpp"

#include "tool/run/session/agent_reply.hpp"

#include <poll.h>

namespace trv::tool::ta {
namespace {

using contract::agent::Reply;
using contract::agent::Request;

class ScriptRun {
  public:
    ScriptRun(AgentLink& link, tee::TeeLog& log, const RunOutput& output)
        : link_(link), log_(log), output_(output), id_(link.next_id()) {}

    Result<std::optional<int>> run(const std::string& script, const std::vector<int>& interrupts) {
        TRY(link_.send(run::agent_request(Request::Capture, id_, {}, script)));
        bool interrupted = false;
        while (true) {
            TRY(take_answers());
            show_log();
            if (code_) {
                break;
            }
            if (wait(interrupted ? std::vector<int>() : interrupts)) {
                interrupted = true;
                TRY(link_.send(run::agent_request(Request::Kill, id_)));
            }
        }
        if (const auto rest = lines_.rest()) {
            output_.on_guest_line(*rest);
        }
        return interrupted ? std::nullopt : code_;
    }

  private:
    Result<void> take_answers() {
        while (const auto answer = TRY(link_.answer_if_any(id_))) {
            if (answer->kind == Reply::Output) {
                lines_.feed(answer->text);
                while (const auto line = lines_.next()) {
                    show_log(); // OP-TEE's lines came first
                    output_.on_guest_line(*line);
                }
            } else if (answer->kind == Reply::Exit) {
                code_ = answer->code;
                return {};
            }
        }
        return {};
    }

    void show_log() {
        for (const std::string& line : log_.new_lines()) {
            output_.on_tee_line(line);
        }
    }

    /// Whether an interrupt ended the wait.
    [[nodiscard]] bool wait(const std::vector<int>& interrupts) const {
        std::vector<pollfd> waited = {{.fd = link_.descriptor(), .events = POLLIN, .revents = 0},
                                      {.fd = log_.descriptor(), .events = POLLIN, .revents = 0}};
        for (const int descriptor : interrupts) {
            waited.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
        }
        ::poll(waited.data(), waited.size(), -1);
        for (std::size_t index = 2; index < waited.size(); ++index) {
            if (waited[index].revents != 0) {
                return true;
            }
        }
        return false;
    }

    AgentLink& link_;
    tee::TeeLog& log_;
    const RunOutput& output_;
    std::uint32_t id_;
    console::LineSplitter lines_;
    std::optional<int> code_;
};

} // namespace

Result<std::optional<int>> run_script(AgentLink& link, tee::TeeLog& log, const std::string& script,
                                      const RunOutput& output, const std::vector<int>& interrupts) {
    return ScriptRun(link, log, output).run(script, interrupts);
}

} // namespace trv::tool::ta
