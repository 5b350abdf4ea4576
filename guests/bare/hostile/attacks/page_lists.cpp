// SPDX-License-Identifier: Apache-2.0
// REGISTER_SHM with lists that lead astray.

#include "guests/bare/hostile/addresses.hpp"
#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 cookie = 0xbad11570;
constinit Page lists[3]{};
constinit Page data{};

/// Fills the lists with one and the same page, each leading to the next.
void fill_lists() {
    for (unsigned i = 0; i < 3; ++i) {
        lists[i].words.fill(data.address());
        lists[i].words[msg::list_entries] = lists[(i + 1) % 3].address();
    }
}

Verdict refused(u64 list, u64 size, u32 ret = bad_parameters) {
    const Verdict verdict = expect_result(first.register_list(cookie, list, size), ret);
    // Nothing is left of it.
    return verdict.is_good() ? expect_result(first.unregister(cookie), bad_parameters) : verdict;
}

/// Lists that are unusual but valid: the guest can only harm itself.
Verdict accepted(u64 list, u64 size) {
    const Verdict verdict = expect_result(first.register_list(cookie, list, size), ok);
    return verdict.is_good() ? expect_result(first.unregister(cookie), ok) : verdict;
}

void addresses() {
    for_each_forbidden([](std::string_view what, u64 address) {
        attack("list at", what, [&] { return refused(address, page_size); });
        attack("list entry at", what, [&] {
            fill_lists();
            lists[0].words[0] = address;
            return refused(lists[0].address(), page_size);
        });
        attack("last of 600 list entries at", what, [&] {
            fill_lists();
            lists[1].words[600 - msg::list_entries - 1] = address;
            return refused(lists[0].address(), 600 * page_size);
        });
        attack("next list at", what, [&] {
            fill_lists();
            lists[0].words[msg::list_entries] = address;
            return refused(lists[0].address(), (msg::list_entries + 1) * page_size);
        });
        attack("unneeded next list at", what, [&] {
            fill_lists();
            lists[0].words[msg::list_entries] = address;
            return accepted(lists[0].address(), msg::list_entries * page_size);
        });
    });
}

void alignment() {
    for (const u64 wrong : {u64{1}, u64{8}, u64{2048}, u64{4095}}) {
        attack("misaligned list entry", wrong, [&] {
            fill_lists();
            lists[0].words[3] += wrong;
            return refused(lists[0].address(), 4 * page_size);
        });
        attack("misaligned next list", wrong, [&] {
            fill_lists();
            lists[0].words[msg::list_entries] += wrong;
            return refused(lists[0].address(), (msg::list_entries + 1) * page_size);
        });
    }
}

void sizes() {
    fill_lists();
    const u64 list = lists[0].address();
    for (const u64 offset : {u64{0}, u64{1}, u64{4095}}) {
        attack("size 0 with offset", offset, [&] { return refused(list + offset, 0); });
    }
    for (const u64 size : {~u64{0}, ~u64{0} - 4094, u64{1} << 63}) {
        for (const u64 offset : {u64{1}, u64{4095}}) {
            attack(offset == 1 ? "size that wraps with offset 1" : "size that wraps with offset 4095", size, [&] {
                const Answer answer = first.register_list(cookie, list + offset, size);
                return answer.ret == bad_parameters || answer.ret == out_of_memory
                           ? Verdict::good()
                           : Verdict::bad("code {} result {}", hex(answer.code), hex(answer.ret));
            });
        }
    }
    for (const u64 size : {u64{1} << 62, u64{1} << 52, u64{1} << 44, u64{1} << 32, u64{1} << 30, u64{32} * MiB + 1}) {
        attack("more than the quota", size, [&] { return refused(list, size, out_of_memory); });
    }
}

void cycles() {
    attack("a list that leads back to itself", [] {
        fill_lists();
        lists[0].words[msg::list_entries] = lists[0].address();
        return accepted(lists[0].address(), 1024 * page_size);
    });
    attack("lists in a circle", [] {
        fill_lists();
        return accepted(lists[0].address(), 4000 * page_size);
    });
    attack("lists that never end", [] {
        fill_lists();
        return refused(lists[0].address(), 9000 * page_size, out_of_memory);
    });
    attack("a list that lists itself", [] {
        lists[0].words.fill(lists[0].address());
        return accepted(lists[0].address(), 511 * page_size);
    });
    attack("a list in the argument's page", [] {
        first.prepare_register(cookie, first.page().address() + 2048, page_size);
        // Bytes before the first page's offset are not part of the buffer, but its entry 0 is the header.
        return expect_refusal(first.send());
    });
    attack("the argument's page as the buffer", [] {
        lists[0].words[0] = first.page().address();
        return accepted(lists[0].address(), page_size);
    });
}

} // namespace

void page_lists(std::string_view) {
    addresses();
    alignment();
    sizes();
    cycles();
}

} // namespace trv::bare::hostile
