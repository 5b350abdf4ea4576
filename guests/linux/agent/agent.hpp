// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guests/linux/agent/captured_script.hpp"
#include "guests/linux/agent/console.hpp"
#include "guests/linux/agent/file_receiver.hpp"
#include "guests/linux/agent/port.hpp"
#include "guests/linux/agent/protocol.hpp"

#include <sys/types.h>

#include <deque>
#include <list>

namespace trv::guest {

enum class Mode {
    Shell,   ///< an interactive shell runs on the console
    Exec,    ///< only what the tool asks for runs on the console
    Service, ///< the same, and PID 1 is another program: systemd
};

/// Does what the tool asks on the port. As PID 1 of a guest that has booted, it also reaps orphans and keeps a shell
/// running.
class Agent {
  public:
    Agent(Mode mode, const char* port) : mode_(mode), port_(port) {}

    [[noreturn]] void run();

  private:
    void handle_signal(int signal);
    void reap();
    void ended(pid_t process, int status);
    void take_requests();
    void take(Request request);
    void pass_captured_output();
    void end_captured(pid_t process, int status);
    void start_next();
    void power_off();
    [[noreturn]] void leave(unsigned how);

    Mode mode_;
    Port port_;
    Console console_;
    FileReceiver files_;
    std::list<CapturedScript> captured_;
    std::deque<ExecRequest> waiting_;
    pid_t running_ = -1; ///< the process of waiting_.front()
    pid_t shell_ = -1;
    bool has_console_ = false; ///< no login prompt of systemd's takes it away
};

} // namespace trv::guest
