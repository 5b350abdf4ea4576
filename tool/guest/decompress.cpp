// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/decompress.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>

namespace trv::tool::guest {

namespace {

/// No kernel or module is larger; a few bytes can say that they unpack to far more.
constexpr std::size_t largest = std::size_t{1} << 30U;

} // namespace

bool is_compressed(std::string_view bytes) {
    // gzip, bzip2, xz, zstd, LZ4 as kernels use it and as a frame, LZMA with the properties of xz's tools
    constexpr std::array<std::string_view, 7> magics = {"\x1f\x8b",
                                                        "BZh",
                                                        "\xfd"
                                                        "7zXZ",
                                                        "\x28\xb5\x2f\xfd",
                                                        "\x02\x21\x4c\x18",
                                                        "\x04\x22\x4d\x18",
                                                        {"\x5d\0\0", 3}};
    return std::ranges::any_of(magics, [&](std::string_view magic) { return bytes.starts_with(magic); });
}

Result<std::string> decompress(std::string_view compressed, const std::string& name, std::string_view hint) {
    const auto close = [](archive* stream) { archive_read_free(stream); };
    const std::unique_ptr<archive, decltype(close)> stream(archive_read_new(), close);
    const auto broken = [&] {
        const char* reason = archive_error_string(stream.get());
        return failure(name, std::string("cannot be decompressed: ") + (reason != nullptr ? reason : "no reason given"),
                       std::string{hint});
    };
    archive_read_support_filter_bzip2(stream.get());
    archive_read_support_filter_gzip(stream.get());
    archive_read_support_filter_lz4(stream.get());
    archive_read_support_filter_lzma(stream.get());
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
        if (content.size() > largest) {
            return failure(name, "is compressed, and unpacks to more than 1GiB", std::string{hint});
        }
    }
}

} // namespace trv::tool::guest
