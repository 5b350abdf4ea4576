// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/trace/trace_decoder.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::trace {

/// Collects a machine's trace, and requests more from time to time, so that its rings do not overflow.
class TraceFetch {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds pause{500}; // of host time, between two dumps

    /// @param file      the trace's file
    /// @param vm_names  in the order of the machine description
    /// @param asks      whether want_dump() is ever true; otherwise nothing is requested before the machine's end
    TraceFetch(std::filesystem::path file, std::vector<std::string> vm_names, bool asks)
        : file_{std::move(file)}, vm_names_{std::move(vm_names)}, asks_{asks} {}

    /// Bytes of the trace channel.
    /// @return whether they complete a dump
    [[nodiscard]] bool on_bytes(std::string_view bytes);

    /// True once when it is time to ask the monitor for the next dump.
    [[nodiscard]] bool want_dump(Clock::time_point now);
    /// Milliseconds until that may be the case; -1 for never.
    [[nodiscard]] int milliseconds(Clock::time_point now) const;

    [[nodiscard]] bool has_anything() const { return decoder_.log().records != 0 || decoder_.dumps() != 0; }
    /// Writes the records received so far.
    [[nodiscard]] Result<void> write() const;
    /// One line for the user: how many records, how many were lost, and where they are.
    [[nodiscard]] std::string summary() const;

  private:
    std::filesystem::path file_;
    std::vector<std::string> vm_names_;
    bool asks_;
    bool waiting_ = false; // a dump is in progress
    Clock::time_point next_ = Clock::now() + pause;
    TraceDecoder decoder_;
};

} // namespace trv::tool::trace
