#pragma once

#include "tool/trace/trace_log.hpp"

#include <string>
#include <string_view>

namespace trv::tool::tracing {

/// Turns the bytes of the trace channel into a log. They may come in any pieces; what is no trace is skipped and
/// counted.
class TraceDecoder {
  public:
    void feed(std::string_view bytes);

    [[nodiscard]] const TraceLog& log() const { return log_; }
    /// How many dumps have arrived completely.
    [[nodiscard]] unsigned dumps() const { return dumps_; }
    /// Bytes that no chunk began with.
    [[nodiscard]] std::size_t skipped() const { return skipped_; }

  private:
    [[nodiscard]] std::size_t take_chunk(std::string_view bytes);
    void take_records(const trv::trace::ChunkHeader& header, std::string_view bytes);

    TraceLog log_;
    std::string rest_; // the beginning of a chunk
    unsigned dumps_ = 0;
    std::size_t skipped_ = 0;
};

} // namespace trv::tool::tracing
