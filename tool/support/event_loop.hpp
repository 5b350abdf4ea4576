// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/deadline.hpp"
#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

#include <concepts>
#include <csignal>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace trv::tool {

/// Makes SIGINT, SIGTERM and SIGHUP inputs of an EventLoop while it exists, so that a run can stop its machine and
/// restore the terminal before the command ends.
class SignalWatch {
  public:
    [[nodiscard]] static Result<SignalWatch> create();
    SignalWatch(SignalWatch&& other) noexcept;
    SignalWatch& operator=(SignalWatch&&) = delete;
    ~SignalWatch();

    [[nodiscard]] int descriptor() const { return descriptor_.get(); }

    /// The received signal; 0 if none.
    [[nodiscard]] int take();
    /// Whether there is one to take.
    [[nodiscard]] bool has_come() const;

  private:
    SignalWatch(FileDescriptor descriptor, const sigset_t& before)
        : descriptor_{std::move(descriptor)}, before_{before} {}

    FileDescriptor descriptor_;
    sigset_t before_;
};

/// Waits for all that a command waits for, descriptors, deadlines and signals, and calls the action of what has come.
/// Nothing else in the command calls poll(), so that no descriptor is polled twice. One thread uses it.
class EventLoop {
    struct Entry;

  public:
    /// Called when its source is due. An action that returns an error ends the step.
    class Action {
      public:
        template <std::invocable F>
        Action(F action)
            : call_{[action = std::move(action)]() mutable -> Result<void> {
                  if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
                      action();
                      return {};
                  } else {
                      return action();
                  }
              }} {}

        Result<void> operator()() const { return call_(); }

      private:
        std::function<Result<void>()> call_;
    };

    /// A thing that the loop waits for, until this object ends; that may be in its own action. It ends before its loop
    /// and, if it has a descriptor, before that is closed.
    class Source {
      public:
        Source() = default;
        Source(Source&& other) noexcept : entry_{std::exchange(other.entry_, nullptr)} {}
        Source& operator=(Source&& other) noexcept;
        ~Source() { end(); }

        [[nodiscard]] explicit operator bool() const { return entry_ != nullptr; }

      private:
        friend class EventLoop;
        explicit Source(Entry* entry) : entry_{entry} {}
        void end();

        Entry* entry_ = nullptr;
    };

    EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    /// When the descriptor can be read, or has no other end any more. An action that does not read it is called again.
    [[nodiscard]] Source on_input(int descriptor, Action action);

    /// The same, and when it can be written while `has_output` returns true.
    [[nodiscard]] Source on_input_or_output(int descriptor, std::function<bool()> has_output, Action action);

    /// When the deadline has passed, which clears it first; the action may set it again. It may be unset meanwhile.
    [[nodiscard]] Source on_deadline(Deadline& deadline, Action action);

    /// When a signal has come.
    [[nodiscard]] Source on_signal(SignalWatch& signals, std::function<void(int signal)> action);

    /// Waits until something is due, and calls the actions of what is, in the order in which the sources were made.
    /// @return the first action's error; or an error if nothing is left to wait for
    [[nodiscard]] Result<void> step();

    /// Until the next deadline passes; -1 when none is set.
    [[nodiscard]] int milliseconds() const;

  private:
    [[nodiscard]] Source add(Entry entry);

    std::vector<std::unique_ptr<Entry>> entries_; // a step removes those whose sources have ended
};

/// Waits for one descriptor only.
/// @return whether it can be read, or has no other end any more; false: the deadline has passed before
[[nodiscard]] Result<bool> await_input(int descriptor, Deadline limit);

} // namespace trv::tool
