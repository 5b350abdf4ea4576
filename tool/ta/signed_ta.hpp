#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <string_view>

namespace trv::tool::ta {

/// Whose signature a trusted application's file carries.
enum class Signature {
    Good,     ///< of the key that was asked about
    WrongKey, ///< of another key, or the file was changed after it was signed
    Unknown,  ///< of a kind that is not checked here: a chain of subkeys, an encrypted file
};

/// Checks the signature of a .ta file with a key (PEM, public or private). [signed_hdr.h]
/// @return Error when the file is no signed trusted application
[[nodiscard]] Result<Signature> check_signature(std::string_view file, const std::filesystem::path& key);

} // namespace trv::tool::ta
