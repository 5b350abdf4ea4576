// SPDX-License-Identifier: Apache-2.0
// Uses each resource up to its limit: at the limit the result is TEE_ERROR_OUT_OF_MEMORY, and afterwards all can be
// released.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/endless_list.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 cookie = 0x9007a'0000;
constexpr u32 most = 5000;
constinit EndlessList memory{};
constinit std::array<u32, most> sessions{};

/// Registers buffers of `size` bytes until a quota or OP-TEE's heap is exhausted.
Verdict exhaust_buffers(u64 size, u32 at_least) {
    const u64 list = memory.begin();
    u32 count = 0;
    Answer answer;
    while (count < most && (answer = first.register_list(cookie + count, list, size)).is_good()) {
        ++count;
    }
    Verdict verdict = expect_result(answer, out_of_memory);
    for (u32 i = 0; i < count; ++i) {
        const Answer gone = first.unregister(cookie + i);
        if (verdict.is_good() && !gone.is_good()) {
            verdict = Verdict::bad("unregistering {}: code {} result {}", i, hex(gone.code), hex(gone.ret));
        }
    }
    if (verdict.is_good() && count < at_least) {
        verdict = Verdict::bad("only {} fitted", count);
    }
    return verdict;
}

Verdict exhaust_sessions() {
    u32 count = 0;
    Answer answer;
    while (count < most && (answer = first.open(enumeration)).is_good()) {
        sessions[count++] = first.session();
    }
    Verdict verdict = expect_result(answer, out_of_memory);
    for (u32 i = 0; i < count; ++i) {
        const Answer closed = first.close(sessions[i]);
        if (verdict.is_good() && !closed.is_good()) {
            verdict = Verdict::bad("closing {}: code {} result {}", i, hex(closed.code), hex(closed.ret));
        }
    }
    if (verdict.is_good() && count < 31) { // half of what OP-TEE has
        verdict = Verdict::bad("only {} fitted", count);
    }
    return verdict;
}

/// A new driver does not release the old one's resources: the mediator does.
Verdict exhaust_and_restart() {
    const u64 list = memory.begin();
    for (u64 i = 0; first.register_list(cookie + i, list, 4 * MiB).is_good() && i < most; ++i) {
    }
    restart_driver();
    return exhaust_buffers(4 * MiB, 4);
}

} // namespace

void quotas(std::string_view) {
    attack("as many buffers as there can be", [] { return exhaust_buffers(page_size, 256); });
    attack("as many pages as there can be", [] { return exhaust_buffers(4 * MiB, 7); });
    attack("as many pages in small buffers as there can be", [] { return exhaust_buffers(64 * KiB, 256); });
    attack("one buffer of all pages", [] { return exhaust_buffers(30 * MiB, 1); });
    attack("as many sessions as there can be", exhaust_sessions);
    attack("as many pages as there can be, twice, with a new driver between", exhaust_and_restart);
}

} // namespace trv::bare::hostile
