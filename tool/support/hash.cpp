// SPDX-License-Identifier: Apache-2.0
#include "tool/support/hash.hpp"

#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <vector>

namespace trv::tool {

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Sha256::add(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

void Sha256::add_field(std::string_view bytes) {
    add(fmt::format("{}:", bytes.size()));
    add(bytes);
}

Result<void> Sha256::add_path(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
        add_field(TRY(read_file(path)));
        return {};
    }
    std::vector<std::filesystem::path> files;
    for (std::filesystem::recursive_directory_iterator entry(path, error), end; entry != end; entry.increment(error)) {
        if (entry->is_regular_file(error)) {
            files.push_back(entry->path());
        }
    }
    if (error) {
        return failure(path, "cannot be read: " + error.message());
    }
    std::ranges::sort(files);
    for (const std::filesystem::path& file : files) {
        add_field(file.lexically_relative(path).string());
        add_field(TRY(read_file(file)));
    }
    return {};
}

std::string Sha256::finish() {
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string text;
    for (const unsigned char byte : digest) {
        text += fmt::format("{:02x}", byte);
    }
    return text;
}

std::string sha256(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.finish();
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
    return sha256(TRY(read_file(path)));
}

} // namespace trv::tool
