#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace trv::tool {

/// Tells the user what long work is doing: a line that redraws itself on a terminal, plain lines elsewhere.
/// Not for output that a program reads: it goes to standard error.
class Progress {
  public:
    enum class Style { Terminal, Lines };

    /// For standard error, in the style that suits it.
    Progress();
    Progress(std::FILE* out, Style style) : out_(out), style_(style) {}

    /// One piece of work, from its construction to done(). Destroyed without done(), it failed.
    class Step {
      public:
        Step(Progress& progress, std::string name);
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step();

        /// What it is at now. On a terminal only: it would swamp a log.
        void update(std::string_view detail);

        /// It is well; the result is shown in a few words, with the time it took.
        void done(std::string_view result = {});

      private:
        [[nodiscard]] double seconds() const;

        Progress& progress_;
        std::string name_;
        std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
        bool open_ = true;
    };

    /// A line of its own.
    void say(std::string_view line);

  private:
    void transient(std::string_view line);
    void permanent(std::string_view line);

    std::FILE* out_;
    Style style_;
};

} // namespace trv::tool
