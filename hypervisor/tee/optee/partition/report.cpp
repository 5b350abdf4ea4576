// SPDX-License-Identifier: Apache-2.0
// What the monitor reports of a VM's OP-TEE, and what the guest's tree says of it.

#include "arch/cpu/clock.hpp"
#include "contract/monitor.hpp"
#include "lib/intid.hpp"
#include "lib/time/time.hpp"
#include "tee/optee/partition/partition.hpp"
#include "vdev/bindings.hpp"

namespace trv::tee::optee {
namespace {

namespace key = contract::monitor::key;

/// Writes only non-zero counters: most are zero, and a monitor's reply is limited in size.
template <typename Key, std::size_t count>
void write_counters(console::JsonWriter& json, std::string_view name, const std::array<Counter, count>& counters) {
    json.key(name);
    json.begin_object();
    for (unsigned i = 0; i < count; ++i) {
        if (const u64 value = counters[i].value()) {
            json.member(name_of(static_cast<Key>(i)), value);
        }
    }
    json.end_object();
}

void write_usage(console::JsonWriter& json, const Usage& usage) {
    json.member(key::sessions, usage.sessions);
    json.member(key::pinned_pages, usage.pinned_pages);
    json.member(key::buffers, usage.buffers);
    json.member("rpc_buffers", usage.rpc_buffers);
    json.member("windows", usage.windows);
    json.member("core_mapped_pages", usage.core_mapped_pages);
    json.member("calls_in_flight", usage.calls);
    json.member("orphans", usage.orphans);
    json.member("kept_applications", usage.kept_applications);
}

} // namespace

void Partition::report(console::JsonWriter& json) const {
    const Statistics& statistics = tables_.statistics;
    json.begin_object();
    write_counters<CallKind>(json, key::calls, statistics.calls);
    write_counters<RpcKind>(json, key::rpcs, statistics.rpcs);
    write_counters<Refusal>(json, key::refused, statistics.refused);
    write_usage(json, usage());
    json.member("entries", statistics.entries.value());
    json.member(key::secure_ns, ticks_to_nanoseconds(statistics.secure_ticks.value(), arch::tick_hz()));
    json.member("foreign_absorbed", statistics.foreign_absorbed.value());
    json.member("foreign_forwarded", statistics.foreign_forwarded.value());
    json.member("slices", statistics.slices.value());
    json.member("notifications", statistics.notifications.value());
    json.end_object();
}

void Partition::describe(TreeWriter& tree) const {
    tree.begin("optee");
    tree.text("compatible", "linaro,optee-tz");
    tree.text("method", "smc");
    if (tables_.notifies) {
        tree.cells("interrupts",
                   {vdev::gic_spi, tables_.notifications.line()->intid().value - first_spi, vdev::edge_rising});
    }
    tree.end();
}

} // namespace trv::tee::optee
