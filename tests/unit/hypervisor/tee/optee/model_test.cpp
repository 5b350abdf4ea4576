// SPDX-License-Identifier: Apache-2.0
// The oracle itself: what it must object to, and what it must bear of several CPUs.

#include "tee/optee/model/model_guard.hpp"
#include "tee_test.hpp"

#include <memory>

namespace trv::tee::optee {
namespace {

constexpr u16 id = 7;

class Models : public testing::Test {
  protected:
    /// A message of the mediator's in the arena. @return the call that sends it
    arch::SmcArguments message(unsigned slot, msg::Command command = msg::Command::CloseSession) {
        const Pa at = machine_arena.base + slot * page_size;
        *memory::direct_map<msg::Header>(at) = {static_cast<u32>(command), 0, 1, 0, 0, 0, 0, 0};
        return {{abi::CallWithRpcArg, abi::high_half(at.value), abi::low_half(at.value), 0, 0, 0, 0, id}};
    }
    static arch::SmcArguments created() { return {{abi::VmCreated, id}}; }
    static arch::SmcArguments resume(u64 thread) { return {{abi::ReturnFromRpc, 0, 0, thread, 0, 0, 0, id}}; }
    static arch::SmcResult interrupted(u64 thread) { return {{abi::RpcForeignInterrupt, 0, 0, thread}}; }
    static arch::SmcResult ended() { return {{abi::Ok}}; }

    void create_partition() {
        ASSERT_EQ(model().enter(created()).violation, nullptr);
        ASSERT_EQ(model().leave(created(), ended(), nullptr), nullptr);
        model().bind(id, memory::vm_owner(0));
    }
    Model& model() { return machine.optee.model; }

    TeeMachine machine;
};

TEST_F(Models, ACallMayHaveAThreadBeforeItsFormerCallIsHeardOf) {
    create_partition();
    // One CPU's call is interrupted, resumed, and ends in OP-TEE; before that CPU is back, another one's is in its
    // thread.
    const Model::Entry one = model().enter(message(0));
    ASSERT_EQ(one.violation, nullptr);
    ASSERT_EQ(model().leave(message(0), interrupted(1), one.call), nullptr);
    const Model::Entry resumed = model().enter(resume(1));
    ASSERT_EQ(resumed.violation, nullptr);
    const Model::Entry other = model().enter(message(1));
    ASSERT_EQ(other.violation, nullptr);
    EXPECT_EQ(model().leave(message(1), interrupted(1), other.call), nullptr);
    EXPECT_EQ(model().leave(resume(1), ended(), resumed.call), nullptr);
    EXPECT_EQ(model().threads_in_use(id), 1U);
    EXPECT_EQ(model().enter(resume(1)).violation, nullptr) << "the other one's";
    EXPECT_STREQ(model().enter(resume(1)).violation, "resume of a thread that is not waiting");
}

TEST_F(Models, NoTwoCallsShareAnArgument) {
    create_partition();
    ASSERT_EQ(model().enter(message(0)).violation, nullptr);
    EXPECT_STREQ(model().enter(message(0)).violation, "argument overlaps another call's");
}

TEST_F(Models, AThreadWaitsForOneCall) {
    create_partition();
    const Model::Entry one = model().enter(message(0));
    const Model::Entry other = model().enter(message(1));
    ASSERT_EQ(model().leave(message(0), interrupted(0), one.call), nullptr);
    EXPECT_STREQ(model().leave(message(1), interrupted(0), other.call),
                 "OP-TEE names a thread that is already waiting");
}

TEST_F(Models, TheGuardStopsTheMachine) {
    ModelGuard guard;
    EXPECT_EQ(guard.enter({{abi::GetThreadCount}}).a[1], 2U) << "no check before it starts";
    const auto own = std::make_unique<Model>(machine.table, machine_arena);
    guard.start(*own);
    EXPECT_EQ(guard.enter(created()).a[0], abi::Ok);
    guard.bind(id, memory::vm_owner(0));
    EXPECT_EQ(guard.enter(message(0)).a[0], abi::Ok);
    EXPECT_DEATH((void)guard.enter(created()), "panic: id is in use");
    EXPECT_DEATH((void)guard.enter(resume(0)), "panic: resume of a thread that is not waiting");
    EXPECT_DEATH((void)guard.enter({{abi::CallWithRpcArg, 0, 0x4000'0000, 0, 0, 0, 0, id}}),
                 "panic: argument outside the arena");
}

} // namespace
} // namespace trv::tee::optee
