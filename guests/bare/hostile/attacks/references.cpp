// SPDX-License-Identifier: Apache-2.0
// Memory references of OPEN_SESSION and INVOKE_COMMAND that refer to what the guest does not have.

#include "guests/bare/hostile/addresses.hpp"
#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 cookie = 0x4e4e4e;
constinit Page data{};
constinit Page list{};

Verdict send_in_open(const msg::Param& param, u32 ret) {
    Message& message = first.prepare_open(enumeration);
    message.header.num_params = 3;
    message.params[2] = param;
    return expect_result(first.send(), ret);
}

Verdict send_in_invoke(const msg::Param& param, u32 ret) {
    if (!first.open(enumeration).is_good()) {
        return Verdict::bad("no session");
    }
    const u32 session = first.session();
    first.prepare_invoke(session).params[0] = param;
    const Verdict verdict = expect_result(first.send(), ret);
    const Answer closed = first.close(session);
    return verdict.is_good() ? expect_result(closed, ok) : verdict;
}

void both(std::string_view name, std::string_view variant, const msg::Param& param) {
    std::array<char, 96> text;
    const std::string_view whole = format_to(text, "{}, {}", name, variant);
    attack("OPEN_SESSION", whole, [&] { return send_in_open(param, bad_parameters); });
    attack("INVOKE_COMMAND", whole, [&] { return send_in_invoke(param, bad_parameters); });
}

void both(std::string_view name, u64 variant, const msg::Param& param) {
    std::array<char, 32> text;
    both(name, format_to(text, "{}", hex(variant)), param);
}

void unknown_cookies() {
    for (const u64 type : {msg::RmemIn, msg::RmemOut, msg::RmemInOut}) {
        both("registered memory with cookie 0", type, {type, 0, 8, 0});
        both("registered memory with an unknown cookie", type, {type, 0, 8, cookie + 1});
    }
    for (const u64 wrong : {u64{1}, u64{0xffff}, u64{0x1'0000}, u64{0x1'ffff}, u64{0x2'0000}, u64{0x1'8000},
                            cookie | u64{1} << 32, cookie | u64{1} << 63, ~u64{0}, data.address()}) {
        both("cookie", wrong, {msg::RmemOut, 0, 8, wrong});
    }
}

void windows() {
    struct Window {
        u64 offset;
        u64 size;
    };
    constexpr Window outside[] = {{0, page_size + 1}, {page_size, 1},        {page_size + 1, 0},
                                  {1, page_size},     {~u64{0}, 1},          {~u64{0}, ~u64{0}},
                                  {1, ~u64{0}},       {8, ~u64{0} - 7},      {u64{1} << 63, u64{1} << 63},
                                  {0, u64{1} << 52},  {~u64{0} - 4095, 4096}};
    for (const Window& window : outside) {
        std::array<char, 64> text;
        both("outside its buffer", format_to(text, "offset {} size {}", hex(window.offset), hex(window.size)),
             {msg::RmemOut, window.offset, window.size, cookie});
    }
}

void temporary_memory() {
    for (const u64 type : {msg::TmemIn, msg::TmemOut, msg::TmemInOut}) {
        both("temporary memory", type, {type, data.address(), 64, cookie});
        both("temporary memory in a list", type, {type | msg::Noncontiguous, list.address(), 64, cookie});
        both("temporary memory without a cookie", type, {type, data.address(), 64, 0});
    }
    for_each_forbidden([](std::string_view what, u64 address) {
        both("temporary memory at", what, {msg::TmemInOut, address, 64, cookie});
    });
}

void kinds() {
    for (const u64 attr :
         {u64{4}, u64{8}, u64{0xc}, u64{0xd}, u64{0x10}, u64{0x80}, u64{0xff}, msg::ValueIn | msg::Meta,
          msg::RmemOut | msg::Meta, msg::None | msg::Meta, u64{0xffff'ffff'ffff'ff08}}) {
        both("attribute", attr, {attr, 0, 8, cookie});
    }
}

} // namespace

void references(std::string_view) {
    if (!first.register_page(cookie, data, list).is_good()) {
        fail_because("references", "the buffer could not be registered");
        return;
    }
    unknown_cookies();
    windows();
    temporary_memory();
    kinds();
    check("the buffer is still registered", first.unregister(cookie).is_good(), "it is not");
}

} // namespace trv::bare::hostile
