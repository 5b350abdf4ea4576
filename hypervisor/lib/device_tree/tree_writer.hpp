// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/result.hpp"
#include "lib/types.hpp"

#include <initializer_list>
#include <span>
#include <string_view>

namespace trv {

/// libfdt's sequential writer. After the first error all calls do nothing, so that the caller writes a tree without
/// checks, and checks once at the end.
class TreeWriter {
  public:
    /// @param buffer aligned to 8 bytes; of more than 2 MiB, the most that a kernel maps, the rest is not used
    explicit TreeWriter(std::span<u8> buffer);

    void begin(const char* name);
    /// @param name truncated to 30 characters
    void begin_at(std::string_view name, u64 unit_address);
    void end();

    void flag(const char* name);
    void cells(const char* name, std::initializer_list<u32> values);
    void numbers(const char* name, std::initializer_list<u64> values);
    void bytes(const char* name, std::span<const u8> value);
    void text(const char* name, std::string_view value);
    /// A list of strings: a literal with NULs between them.
    template <std::size_t N>
    void texts(const char* name, const char (&list)[N]) {
        text(name, std::string_view(list, N - 1));
    }

    /// @return the tree's size; Error::NoMemory if the buffer was too small, Error::Invalid for an invalid tree
    [[nodiscard]] Result<std::size_t> finish();

  private:
    template <typename Call>
    void step(Call call);
    /// The space for a property's value; null after an error.
    [[nodiscard]] u8* value(const char* name, std::size_t size);

    void* tree_;
    int error_ = 0;
};

} // namespace trv
