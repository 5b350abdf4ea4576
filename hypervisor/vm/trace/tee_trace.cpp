// SPDX-License-Identifier: Apache-2.0
#include "memory/heap.hpp"
#include "sched/trace_points.hpp"
#include "vm/trace/tracing.hpp"

namespace trv::vm {
namespace {

using trace::Kind;

/// Context: any CPU, interrupts masked as always at EL2: records go to the CPU that is handling the call.
class TeeTrace final : public tee::optee::TraceHook {
  public:
    explicit TeeTrace(unsigned vm) : vm_(static_cast<u8>(vm)) {}

    void call_begin(unsigned vcpu, unsigned slot, u32 command, u32 session) override {
        record({.kind = Kind::TeeCallBegin,
                .vcpu = static_cast<u8>(vcpu),
                .detail = static_cast<u8>(slot),
                .a = command,
                .b = session});
    }
    void call_end(unsigned slot, u32 code, u32 result) override {
        record({.kind = Kind::TeeCallEnd, .detail = static_cast<u8>(slot), .a = code, .b = result});
    }
    void rpc(unsigned slot, u32 command) override {
        record({.kind = Kind::Rpc, .detail = static_cast<u8>(slot), .a = command});
    }
    void enter(unsigned slot) override { record({.kind = Kind::TeeEnter, .detail = static_cast<u8>(slot)}); }
    void leave(unsigned slot) override { record({.kind = Kind::TeeLeave, .detail = static_cast<u8>(slot)}); }

  private:
    void record(trace::Record record) const {
        if (trace::Ring* const ring = sched::trace_ring(sched::this_cpu())) {
            record.vm = vm_;
            sched::write_trace(*ring, record);
        }
    }

    u8 vm_;
};

} // namespace

Result<Unique<tee::optee::TraceHook>> make_tee_trace(unsigned vm) {
    return Unique<tee::optee::TraceHook>(TRY(memory::make<TeeTrace>(vm)));
}

static_assert(tee::optee::TraceHook::no_slot == trace::no_slot);

} // namespace trv::vm
