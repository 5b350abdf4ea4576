// SPDX-License-Identifier: Apache-2.0
#include "tally.hpp"

#include "digest.hpp"

#include <cpp_ta.h>

// The standard library, which has this one, is not available.
inline void* operator new(size_t, void* place) noexcept {
    return place;
}

Tally* Tally::create() {
    void* const place = TEE_Malloc(sizeof(Tally), TEE_MALLOC_FILL_ZERO);
    return place == nullptr ? nullptr : new (place) Tally;
}

void Tally::destroy(Tally* tally) {
    if (tally != nullptr) {
        tally->~Tally();
        TEE_Free(tally);
    }
}

TEE_Result Tally::add(uint32_t number) {
    if (count_ == most_numbers) {
        return TEE_ERROR_OUT_OF_MEMORY;
    }
    if (__builtin_add_overflow(sum_, number, &sum_)) {
        return TEE_ERROR_OVERFLOW;
    }
    numbers_[count_++] = number;
    return TEE_SUCCESS;
}

TEE_Result Tally::report(TEE_Param& totals, TEE_Param& digest) const {
    if (digest.memref.size < CPP_TA_DIGEST_SIZE) {
        digest.memref.size = CPP_TA_DIGEST_SIZE;
        return TEE_ERROR_SHORT_BUFFER;
    }
    Digest sha256;
    if (!sha256.valid()) {
        return TEE_ERROR_OUT_OF_MEMORY;
    }
    for (uint32_t index = 0; index < count_; ++index) {
        sha256.add(numbers_[index]);
    }
    totals.value.a = count_;
    totals.value.b = sum_;
    IMSG("%" PRIu32 " numbers, sum %" PRIu32, count_, sum_);
    return sha256.finish(digest.memref.buffer, digest.memref.size);
}
