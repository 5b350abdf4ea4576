// SPDX-License-Identifier: Apache-2.0
// Memory for OP-TEE to map: past a limit of its own OP-TEE does not refuse but stops the machine, so the mediator has
// to.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/endless_list.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/held_call.hpp"
#include "guests/bare/hostile/other_cpu.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 cookie = 0x3a99;
constinit EndlessList memory{};
constinit EndlessList application{};

/// Registers buffers of `size` bytes, opens a session to a pseudo TA, of which OP-TEE maps whole buffers, and closes
/// all.
template <typename Body>
Verdict with_buffers(u64 size, unsigned count, Body body) {
    const u64 list = memory.begin();
    Verdict verdict;
    for (unsigned i = 0; i < count; ++i) {
        verdict = verdict.is_good() ? expect_result(first.register_list(cookie + i, list, size), ok) : verdict;
    }
    if (verdict.is_good() && first.open(enumeration).is_good()) {
        const u32 session = first.session();
        verdict = body(session);
        (void)first.close(session);
    }
    for (unsigned i = 0; i < count; ++i) {
        const Verdict gone = expect_result(first.unregister(cookie + i), ok);
        verdict = verdict.is_good() ? gone : verdict;
    }
    return verdict;
}

Verdict one_reference(u64 buffer, u64 offset, u64 size, u32 ret) {
    return with_buffers(buffer, 1,
                        [&](u32 session) { return expect_result(first.invoke(session, cookie, offset, size), ret); });
}

Verdict several_references(u64 buffer, unsigned count) {
    return with_buffers(buffer, count, [&](u32 session) {
        Message& message = first.prepare_invoke(session, count);
        for (unsigned i = 0; i < count; ++i) {
            message.params[i] = {msg::RmemInOut, 0, buffer, cookie + i};
        }
        return expect_result(first.send(), out_of_memory);
    });
}

/// Each part of a large buffer in turn, so that windows are registered one after the other.
Verdict part_by_part() {
    constexpr u64 part = 2 * MiB;
    constexpr u64 whole = 16 * MiB;
    return with_buffers(whole, 1, [&](u32 session) {
        Verdict verdict;
        for (u64 offset = 0; offset < whole && verdict.is_good(); offset += part) {
            verdict = expect_result(first.invoke(session, cookie, offset, part), ok);
        }
        return verdict;
    });
}

Verdict again_and_again() {
    Verdict verdict;
    for (unsigned i = 0; i < 20 && verdict.is_good(); ++i) {
        verdict = one_reference(4 * MiB - i * 64 * KiB, 0, page_size, ok);
    }
    return verdict;
}

/// Two calls at once, each with as much as one may have.
Verdict from_both() {
    return with_buffers(4 * MiB, 2, [](u32 session) {
        constexpr unsigned rounds = 100;
        std::atomic<u32> wrong = 0;
        const auto invoke = [&](const Client& client, u64 name) {
            for (unsigned i = 0; i < rounds; ++i) {
                const Answer answer = client.invoke(session, name, 0, page_size);
                const bool defined = answer.is_good() || answer.ret == out_of_memory;
                wrong.fetch_add(defined || answer.code == abi::EThreadLimit ? 0 : 1);
            }
        };
        OtherCpu other([&](const std::atomic<bool>&) { invoke(second, cookie + 1); });
        invoke(first, cookie);
        if (!other.finish()) {
            return Verdict::bad("vCPU 1 did not come back");
        }
        return wrong.load() == 0 ? Verdict::good() : Verdict::bad("{} calls ended otherwise", wrong.load());
    });
}

/// An application of 4 MiB, for which the guest gave memory that OP-TEE maps for as long as it has it.
[[nodiscard]] Call hold_application() {
    HonestSupplicant supplicant;
    Call held = hold_at(second, msg::rpc::LoadTa);
    if (!held.is_suspended()) {
        return held;
    }
    held.rpc->params[1].b = 4 * MiB;
    held.rpc->header.ret = ok;
    resume(held);
    while (held.is_suspended() && !(held.has_command() && held.rpc->header.cmd == msg::rpc::ShmAlloc)) {
        supplicant.serve(held);
    }
    if (held.is_suspended()) {
        held.rpc->header.num_params = 1;
        held.rpc->params[0] = {msg::TmemOut | msg::Noncontiguous, application.begin(), 4 * MiB, cookie};
        held.rpc->header.ret = ok;
        resume(held);
    }
    while (held.is_suspended() && !held.has_command()) {
        supplicant.serve(held);
    }
    return held;
}

Verdict beside_application() {
    Call held = hold_application();
    if (!held.is_suspended() || held.rpc->header.cmd != msg::rpc::LoadTa) {
        return Verdict::bad("the memory was not taken, code {}", hex(held.code()));
    }
    const Verdict verdict = with_buffers(4 * MiB, 1, [](u32 session) {
        return expect_code(first.invoke(session, cookie, 0, 4 * MiB), abi::EThreadLimit);
    });
    const Answer answer = let_go(second, held);
    return verdict.is_good() ? expect_result(answer, item_not_found) : verdict;
}

} // namespace

void mappings(std::string_view) {
    attack("a reference to 4 MiB is served", [] { return one_reference(4 * MiB, 0, 4 * MiB, ok); });
    attack("a page of 16 MiB is served", [] { return one_reference(16 * MiB, 9 * MiB, page_size, ok); });
    attack("a reference to 4 MiB that do not begin with a page is served",
           [] { return one_reference(4 * MiB + page_size, 16, 4 * MiB, ok); });
    attack("a reference to 4 MiB and two pages",
           [] { return one_reference(4 * MiB + 2 * page_size, 0, 4 * MiB + 2 * page_size, out_of_memory); });
    attack("a reference to 16 MiB", [] { return one_reference(16 * MiB, 0, 16 * MiB, out_of_memory); });
    attack("two references to 4 MiB each", [] { return several_references(4 * MiB, 2); });
    attack("four references to 2 MiB each", [] { return several_references(2 * MiB, 4); });
    attack("16 MiB, part by part", part_by_part);
    attack("buffers of many sizes, one after the other", again_and_again);
    attack("a reference to 4 MiB while an application of 4 MiB is loaded", beside_application);
    attack("4 MiB from each vCPU at once", from_both);
}

} // namespace trv::bare::hostile
