// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/trace/event_writer.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace trv::tool::trace {

/// The open slices of one track. Each is written when it closes, so that they nest whatever the records are.
class SliceStack {
  public:
    SliceStack(EventWriter& writer, Track track) : writer_{writer}, track_{track} {}

    [[nodiscard]] Track track() const { return track_; }
    [[nodiscard]] bool empty() const { return open_.empty(); }

    void open(std::string name, std::uint64_t time, std::string arguments = "") {
        const std::uint64_t from = open_.empty() ? time : std::max(time, open_.back().from);
        open_.push_back({.name = std::move(name), .arguments = std::move(arguments), .from = from});
    }

    /// The innermost slice, with more to say about it.
    void close(std::uint64_t time, const std::string& more = "") {
        if (open_.empty()) {
            return; // it was opened before the trace begins
        }
        const Slice slice = std::move(open_.back());
        open_.pop_back();
        const bool both = !slice.arguments.empty() && !more.empty();
        writer_.slice(track_, slice.name, slice.from, std::max(time, slice.from),
                      slice.arguments + (both ? "," : "") + more);
    }

    /// The innermost slice of this name, and what is open inside.
    void close_named(const std::string& name, std::uint64_t time) {
        if (std::ranges::find(open_, name, &Slice::name) == open_.end()) {
            return;
        }
        while (open_.back().name != name) {
            close(time);
        }
        close(time);
    }

    /// All of them; the outermost with more to say.
    void close_all(std::uint64_t time, const std::string& more = "") {
        while (open_.size() > 1) {
            close(time);
        }
        close(time, more);
    }

    void instant(const std::string& name, std::uint64_t time, const std::string& arguments = "") {
        writer_.instant(track_, name, time, arguments);
    }

  private:
    struct Slice {
        std::string name;
        std::string arguments;
        std::uint64_t from;
    };

    EventWriter& writer_;
    Track track_;
    std::vector<Slice> open_;
};

} // namespace trv::tool::trace
