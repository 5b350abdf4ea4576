// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st; // OpenSSL's digest context

namespace trv::tool {

/// SHA-256 of the added data, as 64 lower-case hexadecimal digits.
class Sha256 {
  public:
    Sha256();

    /// The bytes themselves.
    void add(std::string_view bytes);

    /// A length and the bytes, so that ("ab", "c") and ("a", "bc") differ.
    void add_field(std::string_view bytes);

    /// The content of a file, or the names and contents of all files below a folder, in the order of their names.
    [[nodiscard]] Result<void> add_path(const std::filesystem::path& path);

    /// Ends the computation; nothing can be added afterwards.
    [[nodiscard]] std::string finish();

  private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& path);

} // namespace trv::tool
