// SPDX-License-Identifier: Apache-2.0
// What the CPUs record, and how it leaves the machine.

#include "lib/psci.hpp"
#include "tests/unit/hypervisor/vm/vm_machine.hpp"
#include "trap/traced_exit.hpp"
#include "vm/trace/tracing.hpp"

#include <cstring>

namespace trv::vm {
namespace {

using trace::ChunkHeader;
using trace::Kind;
using trace::Record;

class TracingTest : public VmTest {
  public:
    TracingTest() {
        describe_on(0, "alpha");
        describe_on(0, "beta");
        boot_and_load();
        (void)said_since(console::trace_channel, trace_seen);
    }
    ~TracingTest() override { tracing.stop(); }

    void start() { ASSERT_TRUE(tracing.start(64 * KiB)); }
    /// What a dump says now.
    std::vector<std::pair<unsigned, Record>> dump() {
        play(0);
        EXPECT_TRUE(tracing.dump());
        return rest_of_dump();
    }
    /// The job that sends it needs a step for each chunk.
    std::vector<std::pair<unsigned, Record>> rest_of_dump() {
        std::string bytes;
        for (unsigned turn = 0; turn < 200; ++turn) {
            pass(0, 3 * millisecond);
            bytes += said_since(console::trace_channel, trace_seen);
            auto records = decode(bytes);
            if (ends != 0) {
                return records;
            }
        }
        ADD_FAILURE() << "the dump never ends";
        return {};
    }
    std::vector<std::pair<unsigned, Record>> decode(std::string_view bytes) {
        std::vector<std::pair<unsigned, Record>> records;
        ends = 0;
        while (bytes.size() >= sizeof(ChunkHeader)) {
            ChunkHeader header;
            std::memcpy(&header, bytes.data(), sizeof(header));
            bytes.remove_prefix(sizeof(header));
            EXPECT_EQ(header.magic, ChunkHeader::expected_magic);
            if (bytes.size() < header.count * sizeof(Record)) {
                break; // the rest is still to come
            }
            ends += header.cpu == ChunkHeader::end_of_dump ? 1 : 0;
            for (unsigned i = 0; i < header.count; ++i) {
                Record record;
                std::memcpy(&record, bytes.data(), sizeof(record));
                bytes.remove_prefix(sizeof(record));
                records.emplace_back(header.cpu, record);
            }
        }
        return records;
    }
    /// The first of this kind and VM.
    static const Record* first(const std::vector<std::pair<unsigned, Record>>& records, Kind kind,
                               u8 vm = trace::no_vm) {
        for (const auto& [cpu, record] : records) {
            if (record.kind == kind && record.vm == vm) {
                return &record;
            }
        }
        return nullptr;
    }
    Vcpu& current() { return *current_vcpu(cpus[0]); }

    std::size_t trace_seen = 0;
    unsigned ends = 0;
};

TEST_F(TracingTest, IsOffUntilItIsAskedFor) {
    EXPECT_FALSE(tracing.is_on());
    EXPECT_EQ(tracing.dump().error(), Error::NotFound);
    EXPECT_EQ(tracing.start(100).error(), Error::OutOfRange);
    EXPECT_EQ(tracing.start(GiB).error(), Error::OutOfRange);
    start();
    EXPECT_TRUE(tracing.is_on());
    EXPECT_EQ(tracing.figures().ring_records, 2048U);
    EXPECT_EQ(tracing.figures().written, 0U);
}

TEST_F(TracingTest, RecordsExitsWithTheirReason) {
    start();
    enter(0);
    Vcpu& vcpu = current();
    const u8 vm = static_cast<u8>(vcpu.vm().index());
    (void)call(vcpu, psci::Version);
    const auto records = dump();
    const Record* const exit = first(records, Kind::Exit, vm);
    ASSERT_NE(exit, nullptr);
    EXPECT_EQ(exit->detail, static_cast<u8>(trace::Reason::Hypercall));
    EXPECT_EQ(exit->a, psci::Version);
    const Record* const entry = first(records, Kind::Enter, vm);
    ASSERT_NE(entry, nullptr);
    EXPECT_GE(entry->time, exit->time);
    EXPECT_EQ(ends, 1U);
}

TEST_F(TracingTest, RecordsSwitchesBetweenVms) {
    start();
    pass(0, 50 * millisecond);
    const auto records = dump();
    for (const u8 vm : {u8{0}, u8{1}}) {
        EXPECT_NE(first(records, Kind::Run, vm), nullptr);
        const Record* const leave = first(records, Kind::Leave, vm);
        ASSERT_NE(leave, nullptr);
        EXPECT_EQ(leave->detail, static_cast<u8>(trace::Cause::SliceEnd));
    }
    const Record* const timer = first(records, Kind::Interrupt);
    ASSERT_NE(timer, nullptr);
    EXPECT_EQ(timer->a, hyp_timer_intid.value);
}

TEST_F(TracingTest, RecordsSleepAndTheInterruptThatEndsIt) {
    enter(0);
    start();
    Vcpu& sleeper = current();
    const u8 vm = static_cast<u8>(sleeper.vm().index());
    wait_for_interrupt(0);
    play(1);
    virtual_interfaces[0].open();
    sleeper.vm().vgic().set_private_level(sleeper.index(), IntId(16), true);
    sleeper.wake();
    enter(0);
    const auto records = dump();
    const Record* const leave = first(records, Kind::Leave, vm);
    ASSERT_NE(leave, nullptr);
    EXPECT_EQ(leave->detail, static_cast<u8>(trace::Cause::Blocked));
    const Record* const wake = first(records, Kind::Wake, vm);
    ASSERT_NE(wake, nullptr);
    EXPECT_EQ(wake->a, 0U) << "its CPU";
    EXPECT_TRUE(std::ranges::any_of(records, [](const auto& one) {
        return one.first == 1 && one.second.kind == Kind::Wake;
    })) << "in the ring of the CPU that woke it";
}

TEST_F(TracingTest, SendsEachRecordOnce) {
    start();
    pass(0, 30 * millisecond);
    EXPECT_FALSE(dump().empty());
    tracing.stop();
    (void)dump(); // what the first dump itself caused
    EXPECT_TRUE(dump().empty());
    pass(0, 30 * millisecond);
    EXPECT_TRUE(dump().empty()) << "nothing is recorded any more";
    EXPECT_FALSE(tracing.is_on());
}

TEST_F(TracingTest, RefusesASecondDumpMeanwhile) {
    start();
    pass(0, 30 * millisecond);
    ASSERT_TRUE(tracing.dump());
    EXPECT_EQ(tracing.dump().error(), Error::Busy);
    EXPECT_FALSE(rest_of_dump().empty());
    EXPECT_FALSE(dump().empty());
}

TEST_F(TracingTest, SendsTheRestAtTheEndOfTheMachine) {
    start();
    pass(0, 30 * millisecond);
    ASSERT_TRUE(tracing.dump()); // begun, and nothing of it sent yet
    tracing.finish();
    EXPECT_FALSE(decode(said_since(console::trace_channel, trace_seen)).empty());
    EXPECT_EQ(ends, 2U) << "of the dump that was under way, and of the last one";
    settle(); // the job of that dump ends, too
}

TEST_F(TracingTest, FinishesWithoutATrace) {
    tracing.finish();
    EXPECT_EQ(said_since(console::trace_channel, trace_seen), "");
}

TEST_F(TracingTest, RecordsTeeCalls) {
    start();
    play(0);
    const Unique<tee::optee::TraceHook> hook = std::move(*make_tee_trace(1));
    hook->call_begin(0, 1, 1, 77);
    hook->enter(1);
    hook->leave(1);
    hook->rpc(1, 6);
    hook->call_end(1, 0, 0xffff'0001);
    const auto records = dump();
    const Record* const begin = first(records, Kind::TeeCallBegin, 1);
    ASSERT_NE(begin, nullptr);
    EXPECT_EQ(begin->detail, 1);
    EXPECT_EQ(begin->a, 1U);
    EXPECT_EQ(begin->b, 77U);
    ASSERT_NE(first(records, Kind::TeeEnter, 1), nullptr);
    ASSERT_NE(first(records, Kind::TeeLeave, 1), nullptr);
    ASSERT_NE(first(records, Kind::Rpc, 1), nullptr);
    EXPECT_EQ(first(records, Kind::Rpc, 1)->a, 6U);
    ASSERT_NE(first(records, Kind::TeeCallEnd, 1), nullptr);
    EXPECT_EQ(first(records, Kind::TeeCallEnd, 1)->b, 0xffff'0001U);
}

} // namespace
} // namespace trv::vm
