// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/deadline.hpp"
#include "tool/support/error.hpp"
#include "tool/trace/trace_decoder.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::trace {

/// Collects a machine's trace, and requests more from time to time, so that its rings do not overflow.
class TraceFetch {
  public:
    static constexpr double pause = 0.5; // seconds of host time between two dumps

    /// @param file      the trace's file
    /// @param vm_names  in the order of the machine description
    /// @param asks      whether next_dump() is ever set; otherwise nothing is requested before the machine's end
    TraceFetch(std::filesystem::path file, std::vector<std::string> vm_names, bool asks)
        : file_{std::move(file)}, vm_names_{std::move(vm_names)}, asks_{asks} {}

    /// Bytes of the trace channel.
    /// @return whether they complete a dump
    [[nodiscard]] bool on_bytes(std::string_view bytes);

    /// The monitor answers from now on.
    void begin();

    /// When to ask the monitor for the next dump. Not set while one is in progress.
    [[nodiscard]] Deadline& next_dump() { return next_; }

    [[nodiscard]] bool has_anything() const { return decoder_.log().records != 0 || decoder_.dumps() != 0; }
    /// Writes the records received so far.
    [[nodiscard]] Result<void> write() const;
    /// One line for the user: how many records, how many were lost, and where they are.
    [[nodiscard]] std::string summary() const;

  private:
    std::filesystem::path file_;
    std::vector<std::string> vm_names_;
    bool asks_;
    bool begun_ = false;
    Deadline next_;
    TraceDecoder decoder_;
};

} // namespace trv::tool::trace
