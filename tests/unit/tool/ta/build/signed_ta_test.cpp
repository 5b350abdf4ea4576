// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/ta/build/signed_ta.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

namespace trv::tool::ta {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

Key make_key() {
    return Key(EVP_RSA_gen(2048));
}

std::string pem(EVP_PKEY* key) {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(memory, key);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    std::string result(text, static_cast<std::size_t>(size));
    BIO_free(memory);
    return result;
}

std::string hash(const std::string& bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
    return {reinterpret_cast<char*>(digest), size};
}

std::string signature(EVP_PKEY* key, const std::string& digest) {
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
    EVP_PKEY_sign_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
    EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST);
    std::size_t size = 256;
    std::string text(size, '\0');
    EVP_PKEY_sign(context, reinterpret_cast<unsigned char*>(text.data()), &size,
                  reinterpret_cast<const unsigned char*>(digest.data()), digest.size());
    EVP_PKEY_CTX_free(context);
    return text;
}

/// As the kit's sign_encrypt.py packs it: header, hash, signature, UUID, version, image.
std::string signed_file(EVP_PKEY* key, char type = 1) {
    std::string header("HSTO\1\0\0\0\5\0\0\0\x30\x49\x41\x70\x20\0\0\1", 20);
    header[4] = type;
    const std::string rest = std::string(20, 'u') + "image";
    const std::string digest = hash(header + rest);
    return header + digest + signature(key, digest) + rest;
}

class SignedTaTest : public testing::Test {
  protected:
    Signature check(const std::string& file, EVP_PKEY* key) {
        const auto place = folder_.path() / "key.pem";
        EXPECT_TRUE(write_file(place, pem(key)));
        return check_signature(file, place).value();
    }

    TemporaryFolder folder_ = *TemporaryFolder::create(std::filesystem::temp_directory_path());
    Key own_ = make_key();
};

TEST_F(SignedTaTest, KnowsTheKeyOfASignature) {
    EXPECT_EQ(check(signed_file(own_.get()), own_.get()), Signature::Good);
    EXPECT_EQ(check(signed_file(own_.get()), make_key().get()), Signature::WrongKey);
}

TEST_F(SignedTaTest, NoticesAChange) {
    std::string file = signed_file(own_.get());
    file.back() = 'E';
    EXPECT_EQ(check(file, own_.get()), Signature::WrongKey);
}

TEST_F(SignedTaTest, LeavesOtherKindsAlone) {
    EXPECT_EQ(check(signed_file(own_.get(), 2), own_.get()), Signature::Unknown);
}

TEST_F(SignedTaTest, RefusesWhatIsNotSigned) {
    EXPECT_FALSE(check_signature("short", folder_.path() / "key.pem"));
    EXPECT_FALSE(check_signature(std::string(300, 'x'), folder_.path() / "key.pem"));
    EXPECT_FALSE(check_signature(signed_file(own_.get()).substr(0, 100), folder_.path() / "key.pem"));
}

} // namespace
} // namespace trv::tool::ta
