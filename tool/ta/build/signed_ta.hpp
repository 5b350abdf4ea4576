// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/machine/values/uuid.hpp"
#include "tool/support/error.hpp"

#include <filesystem>
#include <optional>
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

/// The UUID in the header of a trusted application's ELF file, section .ta_head; nothing when there is none.
[[nodiscard]] std::optional<machine::Uuid> header_uuid(std::string_view elf);

} // namespace trv::tool::ta
