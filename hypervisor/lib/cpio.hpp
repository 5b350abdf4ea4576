// SPDX-License-Identifier: Apache-2.0
#pragma once
// Archives in cpio's "newc" format. [Linux, Documentation/driver-api/early-userspace/buffer-format.rst]

#include "lib/result.hpp"
#include "lib/types.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace trv {

struct CpioMember {
    std::string_view name;
    std::span<u8> content;
};

/// Goes through an archive's members. The archive is foreign: nothing outside of it is read, whatever it says.
class CpioReader {
  public:
    /// @param archive may be longer than the archive in it
    explicit CpioReader(std::span<u8> archive) : archive_(archive) {}

    /// Whether there is an archive.
    [[nodiscard]] bool is_archive() const;
    /// @return the next member; none behind the last one; Error::Invalid if the archive is damaged
    [[nodiscard]] Result<std::optional<CpioMember>> next();
    /// What follows the archive, without the zeros between. Precondition: next() has returned none.
    [[nodiscard]] std::span<u8> rest() const;

  private:
    [[nodiscard]] Result<std::span<u8>> take(u64 size);

    std::span<u8> archive_;
    std::size_t at_ = 0; ///< of the next header
};

} // namespace trv
