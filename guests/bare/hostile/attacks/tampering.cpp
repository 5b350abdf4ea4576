// SPDX-License-Identifier: Apache-2.0
// Answers to OP-TEE's requests in which everything is changed that must not count, and outputs that make no sense.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

/// Answers honestly, then spoils the answer to every request but those for memory, or for them alone.
class Tamperer final : public Supplicant {
  public:
    using Spoil = void (*)(Message& rpc, u64 how);
    Tamperer(Spoil spoil, u64 how) : spoil_(spoil), how_(how) {}

  private:
    void answer(Message& rpc) override {
        const u32 command = rpc.header.cmd;
        Supplicant::answer(rpc);
        if (command != msg::rpc::ShmAlloc && command != msg::rpc::ShmFree) {
            spoil_(rpc, how_);
        }
    }
    Spoil spoil_;
    u64 how_;
};

Verdict tamper(Tamperer::Spoil spoil, u64 how) {
    Tamperer supplicant(spoil, how);
    first.prepare_open(nowhere);
    const Answer answer = first.send(supplicant);
    return supplicant.commands == 0 ? Verdict::bad("no request came") : expect_refusal(answer);
}

void spoil_command(Message& rpc, u64 how) {
    rpc.header.cmd = static_cast<u32>(how);
}

void spoil_count(Message& rpc, u64 how) {
    rpc.header.num_params = static_cast<u32>(how);
}

void spoil_attributes(Message& rpc, u64 how) {
    for (unsigned i = 0; i < msg::most_rpc_params; ++i) {
        rpc.params[i].attr = how;
    }
}

/// As if it were an answer to SHM_ALLOC.
void spoil_memory(Message& rpc, u64 how) {
    rpc.header.cmd = msg::rpc::ShmAlloc;
    rpc.header.num_params = 1;
    rpc.params[0] = {msg::TmemOut | msg::Noncontiguous, how, page_size, 0x7777};
    rpc.header.ret = ok;
}

void spoil_result(Message& rpc, u64 how) {
    rpc.header.ret = static_cast<u32>(how);
}

/// Success, with no more than rubbish in what OP-TEE reads.
void spoil_outputs(Message& rpc, u64 how) {
    for (unsigned i = 0; i < rpc.header.num_params && i < msg::most_rpc_params; ++i) {
        rpc.params[i].a = how;
        rpc.params[i].b = how;
        rpc.params[i].c = how;
    }
    rpc.header.ret = ok;
}

/// LOAD_TA: so large is the application, and there is memory for it, all of it one page.
class HugeApplication final : public Supplicant {
  public:
    explicit HugeApplication(u64 size) : size_(size) {}
    bool asked = false;

  private:
    static Page list;
    static Page page;
    void answer(Message& rpc) override {
        const bool load = rpc.header.cmd == msg::rpc::LoadTa;
        Supplicant::answer(rpc);
        if (load) {
            asked = true;
            rpc.params[1].b = size_;
            rpc.header.ret = ok;
        }
    }
    void give_memory(Message& rpc) override {
        const u64 wanted = rpc.params[0].b;
        if (!asked) {
            Supplicant::give_memory(rpc);
            return;
        }
        list.words.fill(page.address());
        list.words[msg::list_entries] = list.address();
        rpc.header.num_params = 1;
        rpc.params[0] = {msg::TmemOut | msg::Noncontiguous, list.address(), wanted, 0x12345};
        rpc.header.ret = ok;
    }
    u64 size_;
};
constinit Page HugeApplication::list{};
constinit Page HugeApplication::page{};

Verdict offer_application(u64 size) {
    HugeApplication supplicant(size);
    first.prepare_open(nowhere);
    const Answer answer = first.send(supplicant);
    return supplicant.asked ? expect_refusal(answer) : Verdict::bad("LOAD_TA did not come");
}

} // namespace

void tampering(std::string_view) {
    for (const u64 command : {0U, 5U, 6U, 7U, 20U, 99U, 0xffff'ffffU}) {
        attack("answer says it is command", command, [&] { return tamper(spoil_command, command); });
    }
    for (const u64 count : {0U, 1U, 5U, 127U, 0xffff'ffffU}) {
        attack("answer says so many parameters", count, [&] { return tamper(spoil_count, count); });
    }
    for (const u64 attr : {u64{0}, u64{3}, u64{7}, u64{0xa}, u64{0x20a}, ~u64{0}}) {
        attack("answer with attributes", attr, [&] { return tamper(spoil_attributes, attr); });
    }
    for (const u64 address : {u64{0x6000'0000}, u64{0x0e10'0000}, u64{0x4200'0000}}) {
        attack("answer that looks like memory at", address, [&] { return tamper(spoil_memory, address); });
    }
    for (const u64 result :
         {u64{0xffff'000c}, u64{0xffff'0000}, u64{0xffff'3024}, u64{0xf010'0001}, u64{1}, u64{0x7fff'ffff}}) {
        attack("answer with result", result, [&] { return tamper(spoil_result, result); });
    }
    for (const u64 value : {u64{0}, u64{1}, u64{4095}, u64{1} << 31, u64{1} << 63, ~u64{0}}) {
        attack("success, and outputs of", value, [&] { return tamper(spoil_outputs, value); });
    }
    for (const u64 size : {u64{1}, u64{page_size}, u64{1} * MiB, u64{4} * MiB, u64{4} * MiB + 1, u64{12} * MiB,
                           u64{64} * MiB, u64{1} << 32, u64{1} << 63, ~u64{0}}) {
        attack("an application of so many bytes", size, [&] { return offer_application(size); });
    }
}

} // namespace trv::bare::hostile
