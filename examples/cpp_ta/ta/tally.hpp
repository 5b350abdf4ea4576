// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tee.hpp"

/// What a session has added up so far.
class Tally {
  public:
    /// On the trusted application's heap; null if out of memory.
    [[nodiscard]] static Tally* create();
    static void destroy(Tally* tally);

    [[nodiscard]] TEE_Result add(uint32_t number);
    [[nodiscard]] TEE_Result report(TEE_Param& totals, TEE_Param& digest) const;

  private:
    static constexpr uint32_t most_numbers = 1024;

    uint32_t count_ = 0;
    uint32_t sum_ = 0;
    uint32_t numbers_[most_numbers] = {};
};
