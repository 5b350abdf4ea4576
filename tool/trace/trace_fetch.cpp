// SPDX-License-Identifier: Apache-2.0
#include "tool/trace/trace_fetch.hpp"

#include "tool/support/files.hpp"
#include "tool/trace/chrome_trace.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

namespace trv::tool::trace {

bool TraceFetch::on_bytes(std::string_view bytes) {
    const unsigned before = decoder_.dumps();
    decoder_.feed(bytes);
    if (decoder_.dumps() == before) {
        return false;
    }
    if (asks_) {
        next_.set(pause);
    }
    return true;
}

void TraceFetch::begin() {
    if (asks_ && !std::exchange(begun_, true)) {
        next_.set(0);
    }
}

Result<void> TraceFetch::write() const {
    return make_whole(file_, [this](const std::filesystem::path& path) -> Result<void> {
        std::ofstream out{path};
        write_chrome_trace(out, decoder_.log(), vm_names_);
        out.close();
        if (!out) {
            return failure(file_.string(), "the trace cannot be written",
                           "Check that the disk has space and that you may write there.");
        }
        return {};
    });
}

std::string TraceFetch::summary() const {
    std::uint64_t lost = 0;
    for (const auto& cpu : decoder_.log().cpus) {
        lost += cpu.lost();
    }
    return fmt::format("wrote {} trace records to {}{}", decoder_.log().records, file_.string(),
                       lost == 0 ? std::string{}
                                 : fmt::format("; {} more were lost: use a larger --trace-buffer", lost));
}

} // namespace trv::tool::trace
