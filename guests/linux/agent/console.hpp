// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <string>

namespace trv::guest {

/// The exit code of a command that could not be started, as shells have it.
inline constexpr int cannot_start = 127;

/// A process's exit code from waitpid()'s status: 128 + the signal if one killed it.
[[nodiscard]] int exit_code(int status);

/// The terminal that users see, on which shells and the tool's commands run, one at a time.
class Console {
  public:
    /// Finds the terminal behind /dev/console: only a real one can be a controlling terminal.
    Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    ~Console();

    /// Starts a program in a session of its own with the console as its controlling terminal, in sane settings.
    /// @param arguments   null-terminated; the program is /bin/sh
    /// @return the id of a process that ends with the program's exit code, once its output has left; or -1
    [[nodiscard]] pid_t start_shell(const char* const* arguments) const;

    /// Has systemd stop its login prompt on the console, or not start it: a login hangs up who else has the terminal
    /// [login(1)].
    void end_prompt() const;

    /// Returns when all output has left the UART, and restores settings that a program left behind.
    void settle() const;

  private:
    std::string device_;
    int descriptor_ = -1;
    termios sane_{};
};

} // namespace trv::guest
