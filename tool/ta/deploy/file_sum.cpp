// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/deploy/file_sum.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace trv::tool::ta {

std::string md5(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr);
    std::string text;
    for (unsigned at = 0; at < size; ++at) {
        text += fmt::format("{:02x}", digest[at]);
    }
    return text;
}

} // namespace trv::tool::ta
