// SPDX-License-Identifier: Apache-2.0
// What the hypervisor's panic does on the host: tests see it die.

#include "lib/log.hpp"

#include <cstdio>
#include <cstdlib>

namespace trv {

void panic(std::string_view reason) {
    std::fprintf(stderr, "panic: %.*s\n", static_cast<int>(reason.size()), reason.data());
    std::abort();
}

} // namespace trv
