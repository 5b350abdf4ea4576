// SPDX-License-Identifier: Apache-2.0
// Arguments where no argument may be.

#include "guests/bare/hostile/addresses.hpp"
#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

constinit Page list{};
constinit Page pair[2]{};

Verdict argument_at(Form form, u64 place, u32 offset = 0) {
    first.prepare_open(enumeration);
    const Call call = begin(form, place, offset, nullptr);
    return expect_code({call.code()}, abi::EBadAddr);
}

void by_address(Form form, std::string_view name) {
    for_each_forbidden(
        [&](std::string_view what, u64 address) { attack(name, what, [&] { return argument_at(form, address); }); });
    for (const u64 wrong : {u64{1}, u64{4}, u64{8}, u64{2048}, u64{4095}}) {
        attack(name, wrong, [&] { return argument_at(form, first.page().address() + wrong); });
    }
}

/// In a registered buffer of a page.
void by_offset() {
    constexpr u32 offsets[] = {1,           2,           4,           7,           4064,       4072,
                               4088,        4095,        4096,        4104,        8192,       1024 * 1024,
                               0x7fff'fff8, 0x8000'0000, 0xffff'f000, 0xffff'fff8, 0xffff'ffff};
    for (const u32 offset : offsets) {
        attack("offset in a registered buffer", u64{offset}, [&] {
            (void)first.register_page(first.cookie(), first.page(), list);
            const Verdict verdict = argument_at(Form::RegdArg, first.cookie(), offset);
            const Answer gone = first.unregister(first.cookie());
            return verdict.is_good() ? expect_result(gone, ok) : verdict;
        });
    }
}

void by_cookie() {
    for (const u64 cookie : {u64{0}, u64{1}, first.cookie(), first.page().address(), u64{0xffff}, u64{0x1'0000},
                             u64{0x2'0000}, u64{0x1'ffff}, ~u64{0}}) {
        attack("argument in a buffer that is not registered", cookie,
               [&] { return argument_at(Form::RegdArg, cookie); });
    }
}

/// An argument whose parameters reach over the end of its page into one that is somewhere else: it must be read right.
Verdict argument_across_pages() {
    constexpr u64 cookie = 0xacce55;
    constexpr u32 offset = page_size - 40;
    list.words[0] = pair[1].address();
    list.words[1] = pair[0].address();
    Verdict verdict = expect_result(first.register_list(cookie, list.address(), 2 * page_size), ok);
    if (!verdict.is_good()) {
        return verdict;
    }
    const Message& whole = first.prepare_open(invoke_tests);
    const auto* const words = reinterpret_cast<const u64*>(&whole);
    constexpr unsigned before = 40 / sizeof(u64);
    constexpr unsigned after = msg::size_of(2) / sizeof(u64) - before;
    for (unsigned i = 0; i < before; ++i) {
        pair[1].words[offset / sizeof(u64) + i] = words[i];
    }
    for (unsigned i = 0; i < after; ++i) {
        pair[0].words[i] = words[before + i];
    }
    const Call call = begin(Form::RegdArg, cookie, offset, nullptr);
    const Message& split = message_at(pair[1].address() + offset);
    verdict = expect_result({call.code(), split.header.ret}, access_denied);
    const Answer gone = first.unregister(cookie);
    return verdict.is_good() ? expect_result(gone, ok) : verdict;
}

} // namespace

void argument_places(std::string_view) {
    by_address(Form::Arg, "argument, CALL_WITH_ARG");
    by_address(Form::RpcArg, "argument, CALL_WITH_RPC_ARG");
    by_cookie();
    by_offset();
    attack("an argument across scattered pages is read as one", argument_across_pages);
}

} // namespace trv::bare::hostile
