// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <string_view>

namespace trv::tool::ta {

/// The signature of a trusted application's file.
enum class Signature {
    Good,     ///< by the given key
    WrongKey, ///< by another key, or the file was changed after it was signed
    Unknown,  ///< of a kind that is not checked here: a chain of subkeys, an encrypted file
};

/// Checks the signature of a .ta file with a key (PEM, public or private). [signed_hdr.h]
/// @return an error if the file is not a signed trusted application
[[nodiscard]] Result<Signature> check_signature(std::string_view file, const std::filesystem::path& key);

} // namespace trv::tool::ta
