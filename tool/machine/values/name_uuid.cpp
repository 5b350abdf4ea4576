// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/name_uuid.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>

namespace trv::tool::machine {

Uuid name_uuid(const Uuid& name_space, std::string_view name) {
    std::string text(name_space.begin(), name_space.end());
    text += name;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    Uuid uuid{};
    std::copy_n(digest.begin(), uuid.size(), uuid.begin());
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0fU) | 0x50U); // version
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3fU) | 0x80U); // variant
    return uuid;
}

} // namespace trv::tool::machine
