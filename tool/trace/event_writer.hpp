// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace trv::tool::trace {

/// A row of the viewer.
struct Track {
    unsigned process;
    unsigned thread;
};

/// Events in the Trace Event Format (JSON), one per line. Times are in nanoseconds. Names and arguments are generated
/// by this program, and need no escapes.
class EventWriter {
  public:
    explicit EventWriter(std::ostream& out) : out_{out} {}

    void begin();
    void name_process(unsigned process, std::string_view name);
    void name_thread(Track track, std::string_view name);
    /// @param arguments  members of a JSON object, without its braces; may be empty
    void slice(Track track, std::string_view name, std::uint64_t from, std::uint64_t to, std::string_view arguments);
    void instant(Track track, std::string_view name, std::uint64_t time, std::string_view arguments);
    /// @param other  members of `otherData`
    void end(std::string_view other);

  private:
    void put(std::string_view event);
    void name(std::string_view what, Track track, std::string_view name);

    std::ostream& out_;
    bool first_ = true;
};

} // namespace trv::tool::trace
