// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace trv::tool {

/// Shows the progress of long work: a line that redraws itself on a terminal, plain lines elsewhere.
/// Not for output that a program reads: it goes to standard error.
class Progress {
  public:
    enum class Style { Terminal, Lines };

    /// For standard error, in the style that suits it.
    Progress();
    Progress(std::FILE* out, Style style) : out_(out), style_(style) {}

    /// One piece of work, from its construction to done(). If it is destroyed without done(), it failed.
    class Step {
      public:
        Step(Progress& progress, std::string name);
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step();

        /// Shows the current state; on a terminal only, because it would flood a log.
        void update(std::string_view detail);

        /// Reports success: shows the result and the duration.
        void done(std::string_view result = {});

      private:
        [[nodiscard]] double seconds() const;

        Progress& progress_;
        std::string name_;
        std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
        bool open_ = true;
    };

    /// Prints a separate line.
    void say(std::string_view line);

  private:
    void transient(std::string_view line);
    void permanent(std::string_view line);

    std::FILE* out_;
    Style style_;
};

} // namespace trv::tool
