// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/signed_ta.hpp"

#include "tool/support/files.hpp"

#include <elf.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace trv::tool::ta {

namespace {

/// The start of every signed file; hash and signature follow. [signed_hdr.h, struct shdr]
struct SignedHeader {
    std::uint32_t magic;
    std::uint32_t type;
    std::uint32_t image_size;
    std::uint32_t algorithm;
    std::uint16_t hash_size;
    std::uint16_t signature_size;
};
static_assert(sizeof(SignedHeader) == 20);

constexpr std::uint32_t signed_magic = 0x4f54'5348;
constexpr std::uint32_t plain_ta = 1; // SHDR_BOOTSTRAP_TA: 16 bytes of UUID and 4 of version stand before the image
constexpr std::uint32_t rsa_pss_sha256 = 0x7041'4930;
constexpr std::uint32_t rsa_pkcs1_sha256 = 0x7000'4830;

template <auto function>
struct Freeing {
    template <typename Type>
    void operator()(Type* object) const {
        function(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX_free>>;
using Memory = std::unique_ptr<BIO, Freeing<BIO_free>>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Result<Key> read_key(const std::filesystem::path& path) {
    const std::string text = TRY(read_file(path));
    for (const auto read : {PEM_read_bio_PUBKEY, PEM_read_bio_PrivateKey}) {
        const Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
        if (Key key(read(memory.get(), nullptr, nullptr, nullptr)); key) {
            return key;
        }
    }
    return failure(path, "is not a key in PEM format");
}

bool verifies(EVP_PKEY* key, std::uint32_t algorithm, std::string_view hash, std::string_view signature) {
    const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    const int padding = algorithm == rsa_pss_sha256 ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    return context && EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
           EVP_PKEY_verify(context.get(), bytes(signature), signature.size(), bytes(hash), hash.size()) == 1;
}

} // namespace

Result<Signature> check_signature(std::string_view file, const std::filesystem::path& key) {
    SignedHeader header{};
    if (file.size() < sizeof(header)) {
        return failure("signature", "the file is too short to be a signed trusted application");
    }
    std::memcpy(&header, file.data(), sizeof(header));
    const std::size_t signed_at = sizeof(header) + header.hash_size + header.signature_size;
    if (header.magic != signed_magic || file.size() < signed_at) {
        return failure("signature", "the file is not a signed trusted application");
    }
    if (header.type != plain_ta || (header.algorithm != rsa_pss_sha256 && header.algorithm != rsa_pkcs1_sha256)) {
        return Signature::Unknown;
    }
    const std::string_view hash = file.substr(sizeof(header), header.hash_size);
    std::string covered(file.substr(0, sizeof(header)));
    covered += file.substr(signed_at);
    unsigned char computed[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(covered.data(), covered.size(), computed, &size, EVP_sha256(), nullptr);
    const bool whole = hash == std::string_view(reinterpret_cast<const char*>(computed), size);
    const Key known = TRY(read_key(key));
    const std::string_view signature = file.substr(sizeof(header) + header.hash_size, header.signature_size);
    return whole && verifies(known.get(), header.algorithm, hash, signature) ? Signature::Good : Signature::WrongKey;
}

namespace {

/// A structure at an offset of the file; nothing when it lies outside.
template <typename Type>
std::optional<Type> at(std::string_view file, std::uint64_t offset) {
    if (offset > file.size() || file.size() - offset < sizeof(Type)) {
        return std::nullopt;
    }
    Type value{};
    std::memcpy(&value, file.data() + offset, sizeof(value));
    return value;
}

std::string_view name_at(std::string_view file, std::uint64_t offset) {
    const std::string_view rest = offset < file.size() ? file.substr(offset) : std::string_view();
    return rest.substr(0, rest.find('\0'));
}

} // namespace

std::optional<machine::Uuid> header_uuid(std::string_view elf) {
    const auto header = at<Elf64_Ehdr>(elf, 0);
    if (!header || !elf.starts_with(ELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS64) {
        return std::nullopt;
    }
    const auto names = at<Elf64_Shdr>(elf, header->e_shoff + std::uint64_t{header->e_shstrndx} * sizeof(Elf64_Shdr));
    for (unsigned index = 0; names && index < header->e_shnum; ++index) {
        const auto section = at<Elf64_Shdr>(elf, header->e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr));
        if (!section || name_at(elf, names->sh_offset + section->sh_name) != ".ta_head") {
            continue;
        }
        auto uuid = at<machine::Uuid>(elf, section->sh_offset);
        if (uuid) { // a TEE_UUID: its first three members are little-endian numbers
            std::reverse(uuid->begin(), uuid->begin() + 4);
            std::reverse(uuid->begin() + 4, uuid->begin() + 6);
            std::reverse(uuid->begin() + 6, uuid->begin() + 8);
        }
        return uuid;
    }
    return std::nullopt;
}

} // namespace trv::tool::ta
