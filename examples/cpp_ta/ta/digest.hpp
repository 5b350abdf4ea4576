// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tee.hpp"

/// A SHA-256 in the making; gives its operation back when it dies.
class Digest {
  public:
    Digest() { state_ = TEE_AllocateOperation(&operation_, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0); }
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    ~Digest() {
        if (valid()) {
            TEE_FreeOperation(operation_);
        }
    }

    /// Constructors have no result: ask before use.
    [[nodiscard]] bool valid() const { return state_ == TEE_SUCCESS; }

    template <typename Number>
    void add(const Number& number) {
        TEE_DigestUpdate(operation_, &number, sizeof(number));
    }

    /// Ends this digest and begins the next.
    [[nodiscard]] TEE_Result finish(void* out, size_t& size) { return TEE_DigestDoFinal(operation_, nullptr, 0, out, &size); }

  private:
    TEE_OperationHandle operation_ = TEE_HANDLE_NULL;
    TEE_Result state_ = TEE_ERROR_GENERIC;
};
