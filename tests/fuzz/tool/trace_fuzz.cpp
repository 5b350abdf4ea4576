// SPDX-License-Identifier: Apache-2.0
// What comes on the trace channel is foreign: whatever it is, it becomes JSON that can be parsed.

#include "tool/trace/chrome_trace.hpp"
#include "tool/trace/trace_decoder.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    trv::tool::trace::TraceDecoder decoder;
    const std::string bytes(data, data + size);
    // The first byte says where the stream is cut.
    const std::size_t cut = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0]) % bytes.size();
    decoder.feed(std::string_view{bytes}.substr(0, cut));
    decoder.feed(std::string_view{bytes}.substr(cut));
    std::ostringstream out;
    trv::tool::trace::write_chrome_trace(out, decoder.log(), {"alpha"});
    if (nlohmann::json::parse(out.str(), nullptr, false).is_discarded()) {
        std::abort();
    }
    return 0;
}
