// SPDX-License-Identifier: Apache-2.0
// Memory that the guest gives when OP-TEE asks for some, and does not have.

#include "guests/bare/hostile/addresses.hpp"
#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/groups.hpp"

namespace trv::bare::hostile {
namespace {

constexpr u64 poison_cookie = 0xbadc00c1e;
constinit Page list{};
constinit Page data{};

/// Answers the first SHM_ALLOC with something of the attack's, all others honestly.
class PoisonedMemory final : public Supplicant {
  public:
    explicit PoisonedMemory(const msg::Param& poison, u32 num_params = 1) : poison_(poison), num_params_(num_params) {}
    bool given = false;
    bool returned = false;

  private:
    void give_memory(Message& rpc) override {
        if (given) {
            Supplicant::give_memory(rpc);
            return;
        }
        given = true;
        rpc.header.num_params = num_params_;
        rpc.params[0] = poison_;
        rpc.header.ret = ok;
    }
    void answer(Message& rpc) override {
        Supplicant::answer(rpc);
        returned = returned || (frees != 0 && last_freed == poison_cookie);
    }
    msg::Param poison_;
    u32 num_params_;
};

/// The mediator must not give it to OP-TEE, and must hand it back to the guest.
Verdict give(const msg::Param& poison, Form form = Form::RpcArg, u32 num_params = 1) {
    PoisonedMemory supplicant(poison, num_params);
    first.prepare_open(nowhere);
    const Answer answer = first.send(supplicant, form);
    if (!supplicant.given) {
        return Verdict::bad("OP-TEE asked for no memory, code {} result {}", hex(answer.code), hex(answer.ret));
    }
    if (!supplicant.returned) {
        return Verdict::bad("SHM_FREE did not come; code {} result {}", hex(answer.code), hex(answer.ret));
    }
    return expect_refusal(answer);
}

void shm_alloc_addresses() {
    constexpr u64 size = page_size;
    constexpr u64 listed = msg::TmemOut | msg::Noncontiguous;
    for_each_forbidden([](std::string_view what, u64 address) {
        attack("SHM_ALLOC answered with a list at", what, [&] { return give({listed, address, size, poison_cookie}); });
        attack("SHM_ALLOC answered with a list entry at", what, [&] {
            list.words.fill(data.address());
            list.words[0] = address;
            return give({listed, list.address(), size, poison_cookie});
        });
        attack("SHM_ALLOC answered with contiguous memory at", what,
               [&] { return give({msg::TmemOut, address, page_size, poison_cookie}); });
    });
}

void shm_alloc_shapes() {
    constexpr u64 listed = msg::TmemOut | msg::Noncontiguous;
    for (const u64 attr : {u64{0}, msg::ValueOut, msg::RmemOut, msg::TmemIn, msg::TmemInOut,
                           msg::TmemIn | msg::Noncontiguous, listed | msg::Meta, u64{0x1'020a}, ~u64{0}}) {
        attack("SHM_ALLOC answered with attribute", attr, [&] {
            list.words.fill(data.address());
            return give({attr, list.address(), page_size, poison_cookie});
        });
    }
    for (const u64 size : {u64{0}, u64{1}, 2 * page_size, u64{4} * MiB, u64{12} * MiB, u64{1} << 32, u64{1} << 52,
                           ~u64{0}, ~u64{0} - 4094}) {
        attack("SHM_ALLOC answered with size", size, [&] {
            list.words.fill(data.address());
            list.words[msg::list_entries] = list.address();
            return give({listed, list.address() + 1, size, poison_cookie});
        });
    }
    for (const u32 count : {0U, 2U, 4U, 127U, 0xffff'ffffU}) {
        attack("SHM_ALLOC answered with so many parameters", u64{count}, [&] {
            list.words.fill(data.address());
            return give({listed, list.address(), page_size, poison_cookie}, Form::RpcArg, count);
        });
    }
    attack("SHM_ALLOC answered with misaligned contiguous memory",
           [] { return give({msg::TmemOut, data.address() + 8, page_size, poison_cookie}); });
    attack("SHM_ALLOC answered with more contiguous memory than a page",
           [] { return give({msg::TmemOut, data.address(), 16 * KiB, poison_cookie}); });
    attack("SHM_ALLOC answered by CALL_WITH_ARG with the hypervisor",
           [] { return give({listed, 0x6000'0000, page_size, poison_cookie}, Form::Arg); });
}

/// Answers each ALLOC with one address.
class PoisonedArgument final : public Supplicant {
  public:
    explicit PoisonedArgument(u64 place) : place_(place) {}
    unsigned asked = 0;

  private:
    void give_rpc_argument(Call& call) override {
        ++asked;
        resume(call, place_, poison_cookie);
    }
    u64 place_;
};

Verdict give_argument(u64 place) {
    PoisonedArgument supplicant(place);
    first.prepare_open(nowhere);
    const Answer answer = first.send(supplicant, Form::Arg);
    if (supplicant.asked == 0) {
        return Verdict::bad("ALLOC did not come, code {} result {}", hex(answer.code), hex(answer.ret));
    }
    if (supplicant.commands != 0) {
        return Verdict::bad("a request was written there");
    }
    return expect_refusal(answer);
}

void alloc() {
    for_each_forbidden([](std::string_view what, u64 address) {
        attack("ALLOC answered with", what, [&] { return give_argument(address); });
    });
    attack("ALLOC answered with 0", [] { return give_argument(0); });
    for (const u64 wrong : {u64{1}, u64{4}, u64{4000}, u64{4088}}) {
        attack("ALLOC answered with memory at", wrong, [&] { return give_argument(data.address() + wrong); });
    }
}

} // namespace

void replies(std::string_view) {
    shm_alloc_addresses();
    shm_alloc_shapes();
    alloc();
}

} // namespace trv::bare::hostile
