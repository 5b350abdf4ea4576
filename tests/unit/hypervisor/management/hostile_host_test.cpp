// SPDX-License-Identifier: Apache-2.0
// A host whose kernel lies: each case has its verdict, and the manager goes on.

#include "host_driver.hpp"

#include <gmock/gmock.h>

namespace trv::management {
namespace {

using testing::HasSubstr;

constexpr u32 bad_parameters = number(TeeResult::BadParameters);

class HostileHost : public HostManagerTest {
  public:
    HostileHost() {
        start_host();
        p = program();
        pins = memory.frames.pins_of(memory::vm_owner(0));
    }
    /// After a case: nothing is pinned that was not, and the manager answers.
    void expect_sound() {
        EXPECT_EQ(memory.frames.pins_of(memory::vm_owner(0)), pins);
        EXPECT_THAT(monitor(p, "list"), HasSubstr("host"));
    }

    Program p;
    u64 pins = 0;
};

TEST_F(HostileHost, ListsPagesThatAreNotItsOwn) {
    const Ipa own = memory_base + 3 * MiB;
    for (const u64 page : {modules.base.value, bank.end().value, memory.frames.storage().base.value, u64{0},
                           u64{0x900'0000}, u64{0xa00'0000}, ~u64{0} - 4095, u64{1} << 52, own.value + 8}) {
        EXPECT_EQ(register_list(0x77, {own, Ipa(page), own}, 3 * page_size), bad_parameters) << page;
    }
    expect_sound();
}

TEST_F(HostileHost, ListsOfWrongLengths) {
    const Ipa own = memory_base + 3 * MiB;
    EXPECT_EQ(register_list(0x77, {own}, 0), bad_parameters);
    EXPECT_EQ(register_list(0x77, {own}, ~u64{0}), number(TeeResult::OutOfMemory)) << "beyond its quota";
    EXPECT_EQ(register_list(0x77, {own}, u64{1} << 40), number(TeeResult::OutOfMemory));
    EXPECT_EQ(register_list(0x77, {own, Ipa()}, 2 * page_size), bad_parameters);
    expect_sound();
}

TEST_F(HostileHost, RegistersACookieTwice) {
    const Ipa own = memory_base + 3 * MiB;
    EXPECT_EQ(register_pages(0x77, own, 2), success);
    EXPECT_EQ(register_pages(0x77, own + 2 * page_size, 3), success);
    EXPECT_EQ(memory.frames.pins_of(memory::vm_owner(0)), pins + 3 + 2) << "the first one is let go with the next call";
    EXPECT_EQ(unregister(0x77), success);
    EXPECT_EQ(unregister(0x77), bad_parameters);
    expect_sound();
}

TEST_F(HostileHost, UnregistersWhatACallRefersTo) {
    const Ipa own = memory_base + 3 * MiB;
    EXPECT_EQ(register_pages(0x77, own, 1), success);
    Program q = p;
    q.cookie = 0x77;
    const Call call = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)}, 5);
    ASSERT_TRUE(call.waits);
    EXPECT_EQ(unregister(argument_cookie), success) << "the argument of a call that waits";
    EXPECT_EQ(smc(abi::CallWithRegdArg, abi::high_half(argument_cookie), abi::low_half(argument_cookie))[0],
              abi::EBadAddr);
    EXPECT_EQ(memory.frames.pins_of(memory::vm_owner(0)), pins + 1) << "it stays pinned until that ends";
    EXPECT_EQ(resume(call).result, success);
    EXPECT_EQ(unregister(0x77), success);
    EXPECT_EQ(memory.frames.pins_of(memory::vm_owner(0)), pins - 16);
    EXPECT_EQ(register_pages(argument_cookie, arguments, 16), success);
    expect_sound();
}

TEST_F(HostileHost, RefersBeyondItsBuffer) {
    const u64 size = out_offset + room;
    const auto monitor_at = [&](u64 offset, u64 bytes, u64 cookie) {
        const Call call = begin(p, static_cast<u32>(Command::Monitor), {{msg::RmemIn, offset, bytes, cookie}, out(p)});
        return call.result;
    };
    EXPECT_EQ(monitor_at(size - 4, 4, p.cookie), success);
    EXPECT_EQ(monitor_at(size - 4, 5, p.cookie), bad_parameters);
    EXPECT_EQ(monitor_at(size + 1, 0, p.cookie), bad_parameters);
    EXPECT_EQ(monitor_at(~u64{0}, 2, p.cookie), bad_parameters);
    EXPECT_EQ(monitor_at(2, ~u64{0}, p.cookie), bad_parameters);
    EXPECT_EQ(monitor_at(0, 4, p.cookie + 1), bad_parameters);
    EXPECT_EQ(monitor_at(0, 4, 0), bad_parameters);
    expect_sound();
}

TEST_F(HostileHost, ForgesSessions) {
    for (const u32 session : {0U, 1U, 0x8000'0000U, p.session + 1, ~0U}) {
        Program forged = p;
        forged.session = session;
        EXPECT_EQ(read(forged, contract::event_channel), number(TeeResult::ItemNotFound)) << session;
        close(session);
    }
    expect_sound();
}

TEST_F(HostileHost, ForgesTokens) {
    const Call call = begin(p, static_cast<u32>(Command::Wait), {value(~u64{0}, 1000)}, 5);
    ASSERT_TRUE(call.waits);
    for (const u32 token : {0U, call.token + 1, call.token + 8, call.token ^ 0x8000'0000, ~0U}) {
        EXPECT_EQ(smc(abi::ReturnFromRpc, 0, 0, token)[0], abi::EResume);
    }
    EXPECT_EQ(resume(call).result, success);
    EXPECT_EQ(smc(abi::ReturnFromRpc, 0, 0, call.token)[0], abi::EResume);
    expect_sound();
}

TEST_F(HostileHost, ChangesItsMessageWhileItsCallWaits) {
    Call call = begin(p, static_cast<u32>(Command::Wait), {value(bit_of(contract::event_channel), 1000)}, 5);
    ASSERT_TRUE(call.waits);
    const Ipa place = arguments + 5 * page_size;
    at<msg::Header>(place).func = static_cast<u32>(Command::Create);
    at<msg::Header>(place).num_params = 100;
    at<msg::Header>(place).session = 0;
    param(0, 5) = {msg::RmemOut, ~u64{0}, ~u64{0}, ~u64{0}};
    manager->refuse("nothing", "because");
    call = resume(call);
    EXPECT_EQ(call.result, success);
    EXPECT_EQ(param(0, 5).a, bit_of(contract::event_channel)) << "what it was when it was read";
    expect_sound();
}

TEST_F(HostileHost, SendsMessagesOfWrongForms) {
    const auto send = [&](const Head& head, const std::vector<msg::Param>& params) { return message(head, params); };
    EXPECT_EQ(send({msg::Command::OpenSession}, {}), bad_parameters) << "without identities";
    EXPECT_EQ(send({msg::Command::OpenSession}, {{msg::ValueIn, 0, 0, 0}, {msg::ValueIn, 0, 0, 0}}), bad_parameters);
    EXPECT_EQ(send({static_cast<msg::Command>(77)}, {}), abi::EBadCmd);
    EXPECT_EQ(send({msg::Command::InvokeCommand, 0, p.session}, {{msg::TmemIn, memory_base.value, 64, 1}}),
              bad_parameters);
    EXPECT_EQ(send({msg::Command::InvokeCommand, 0, p.session}, std::vector<msg::Param>(5, {msg::ValueIn, 0, 0, 0})),
              bad_parameters);
    EXPECT_EQ(smc(abi::CallWithRpcArg, 0, modules.base.value)[0], abi::EBadAddr);
    EXPECT_EQ(smc(abi::CallWithRpcArg, 0xffff'ffff, 0xffff'f000)[0], abi::EBadAddr);
    EXPECT_EQ(smc(abi::VmCreated, 5)[0], abi::unknown_function);
    EXPECT_EQ(smc(abi::VmDestroyed, 1)[0], abi::unknown_function);
    expect_sound();
}

TEST_F(HostileHost, WritesWhatTheManagerReads) {
    // The kernel that a VM gets is the one that was read, whatever becomes of the buffer.
    const Made made = create(p, "guest");
    load_kernel(p, made.handle);
    std::memset(&at<char>(p.in), 0xee, 1 * MiB);
    EXPECT_EQ(start(p, made.handle), success);
    rest();
    EXPECT_EQ(*memory::direct_map<char>(vm("guest").memory().memory_at(guest::ram_base + 900'000)->pa), 'k');
    EXPECT_EQ(register_list(0x99, {Ipa(vm("guest").memory().memory_at(guest::ram_base)->pa.value)}, page_size),
              bad_parameters)
        << "the guest's memory is not the host's";
    expect_sound();
}

} // namespace
} // namespace trv::management
