// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/trace/trace_log.hpp"

#include <string>
#include <string_view>

namespace trv::tool::trace {

/// Decodes the bytes of the trace channel into a log. They may arrive in any pieces; bytes that are not a trace are
/// skipped and counted.
class TraceDecoder {
  public:
    void feed(std::string_view bytes);

    [[nodiscard]] const TraceLog& log() const { return log_; }
    /// The number of complete dumps.
    [[nodiscard]] unsigned dumps() const { return dumps_; }
    /// The number of skipped bytes.
    [[nodiscard]] std::size_t skipped() const { return skipped_; }

  private:
    [[nodiscard]] std::size_t take_chunk(std::string_view bytes);
    void take_records(const contract::trace::ChunkHeader& header, std::string_view bytes);

    TraceLog log_;
    std::string rest_; // the beginning of a chunk
    unsigned dumps_ = 0;
    std::size_t skipped_ = 0;
};

} // namespace trv::tool::trace
