// SPDX-License-Identifier: Apache-2.0
#include "wake_protocol.hpp"

#include <gtest/gtest.h>

namespace trv::model {
namespace {

using enum Role;

TEST(WakeProtocol, LosesNothing) {
    for (const auto& [one, two] : {std::pair{RaiseInterrupt, Nothing},
                                   {RaiseInterrupt, RaiseInterrupt},
                                   {RaiseInterrupt, StopVm},
                                   {StopVm, StopVm},
                                   {RaiseInterrupt, PauseAndResume},
                                   {StopVm, PauseAndResume},
                                   {AnswerAccess, Nothing},
                                   {AnswerAccess, RaiseInterrupt},
                                   {AnswerAccess, StopVm},
                                   {AnswerAccess, PauseAndResume},
                                   {NeverAnswer, StopVm},
                                   {NeverAnswer, PauseAndResume}}) {
        const Exploration seen = Protocol({}, one, two).explore();
        EXPECT_EQ(seen.violation, "") << seen.states << " states";
        EXPECT_GT(seen.states, 1000U) << "it has hardly begun";
    }
}

// Negative cases: with one line as it was once, or as it may seem good enough, the model finds what is lost.

void expect_broken(const Code& code, Role one, Role two, std::string_view what) {
    const Exploration seen = Protocol(code, one, two).explore();
    EXPECT_NE(seen.violation.find(what), std::string::npos) << seen.violation << "\n" << seen.states << " states";
}

TEST(WakeProtocol, AStopIsLostIfBlockLooksAtTheWakeUpFlagOnly) {
    expect_broken({.block_looks_at_requests = false}, Nothing, StopVm, "never parked");
}

TEST(WakeProtocol, AnInterruptIsLostIfTheMarkIsReadWithoutTheLock) {
    expect_broken({.stale_is_read_under_lock = false, .clear_wake = Order::Release}, RaiseInterrupt, Nothing,
                  "never delivered");
    expect_broken({.stale_is_read_under_lock = false}, RaiseInterrupt, Nothing, "never delivered");
}

TEST(WakeProtocol, AStopIsLostIfItsOwnCpuSetsAttentionByAPlainStore) {
    expect_broken({.attention_only_exchanged = false}, RaiseInterrupt, StopVm, "never parked");
}

TEST(WakeProtocol, AVcpuStaysHeldIfItDoesNotLookAgain) {
    expect_broken({.hold_looks_again = false}, Nothing, PauseAndResume, "still held");
}

TEST(WakeProtocol, TheOldCounterOffsetIsUsedIfThePauseEndsWithoutOrder) {
    expect_broken({.is_paused_acquires = false}, Nothing, PauseAndResume, "counter offset");
    expect_broken({.resume_publishes = Order::Relaxed}, Nothing, PauseAndResume, "counter offset");
}

TEST(WakeProtocol, AnAnswerIsLostIfTheVcpuWaitsWithoutALookUnderTheLock) {
    expect_broken({.await_looks_under_lock = false}, AnswerAccess, Nothing, "still waits");
}

TEST(WakeProtocol, AStopIsLostIfAwaitDoesNotLookForIt) {
    expect_broken({.await_looks_at_requests = false}, NeverAnswer, StopVm, "never parked");
}

TEST(WakeProtocol, AVcpuThatWaitsForAnAnswerIsNotParkedIfAStopDoesNotReachIt) {
    expect_broken({.summon_wakes_waiting = false}, NeverAnswer, StopVm, "never parked");
}

TEST(WakeProtocol, ThePauseLetsAVcpuRunUnansweredIfItsStateDecides) {
    expect_broken({.flag_decides = false}, NeverAnswer, PauseAndResume, "without the answer");
}

} // namespace
} // namespace trv::model
