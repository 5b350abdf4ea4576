// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/decompress.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

namespace trv::tool::guest {

Result<std::string> decompress(std::string_view compressed, const std::string& name, std::string_view hint) {
    const auto close = [](archive* stream) { archive_read_free(stream); };
    const std::unique_ptr<archive, decltype(close)> stream(archive_read_new(), close);
    const auto broken = [&] {
        const char* reason = archive_error_string(stream.get());
        return failure(name, std::string("cannot be decompressed: ") + (reason != nullptr ? reason : "no reason given"),
                       std::string{hint});
    };
    archive_read_support_filter_gzip(stream.get());
    archive_read_support_filter_xz(stream.get());
    archive_read_support_filter_zstd(stream.get());
    archive_read_support_format_raw(stream.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(stream.get(), compressed.data(), compressed.size()) != ARCHIVE_OK ||
        archive_read_next_header(stream.get(), &entry) != ARCHIVE_OK) {
        return broken();
    }
    std::string content;
    std::array<char, 65536> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the reader
    while (true) {
        const la_ssize_t got = archive_read_data(stream.get(), buffer.data(), buffer.size());
        if (got < 0) {
            return broken();
        }
        if (got == 0) {
            return content;
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace trv::tool::guest
