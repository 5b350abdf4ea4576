// SPDX-License-Identifier: Apache-2.0
#include "management/tee_report.hpp"

#include "arch/clock.hpp"
#include "contract/monitor.hpp"
#include "lib/time.hpp"

namespace trv::management {
namespace {

namespace key = contract::monitor::key;

/// Writes only non-zero counters: most are zero, and a monitor's reply is limited in size.
template <typename Key, std::size_t count>
void write_counters(console::JsonWriter& json, std::string_view name, const std::array<tee::Counter, count>& counters) {
    json.key(name);
    json.begin_object();
    for (unsigned i = 0; i < count; ++i) {
        if (const u64 value = counters[i].value()) {
            json.member(tee::name_of(static_cast<Key>(i)), value);
        }
    }
    json.end_object();
}

void write_usage(console::JsonWriter& json, const tee::Usage& usage) {
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

void write_tee(console::JsonWriter& json, const tee::Tenant& tenant) {
    const tee::Statistics& statistics = tenant.statistics();
    json.begin_object();
    write_counters<tee::CallKind>(json, key::calls, statistics.calls);
    write_counters<tee::RpcKind>(json, key::rpcs, statistics.rpcs);
    write_counters<tee::Refusal>(json, key::refused, statistics.refused);
    write_usage(json, tenant.usage());
    json.member("entries", statistics.entries.value());
    json.member(key::secure_ns, ticks_to_nanoseconds(statistics.secure_ticks.value(), arch::tick_hz()));
    json.member("foreign_absorbed", statistics.foreign_absorbed.value());
    json.member("foreign_forwarded", statistics.foreign_forwarded.value());
    json.member("slices", statistics.slices.value());
    json.member("notifications", statistics.notifications.value());
    json.end_object();
}

} // namespace trv::management
