// SPDX-License-Identifier: Apache-2.0
#include "vm/tee_config.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

using Rules = decltype(tee::optee::PolicyConfig::allow);

void add_rules(std::span<const u8> uuids, Rules& rules) {
    for (; uuids.size() >= contract::uuid_size; uuids = uuids.subspan(contract::uuid_size)) {
        tee::optee::Uuid uuid;
        std::ranges::copy(uuids.first(contract::uuid_size), uuid.bytes.begin());
        (void)rules.push_back(uuid); // the parser has enforced the maximum
    }
}

} // namespace

tee::optee::PartitionConfig tee_config(std::string_view vm, const machine::Tee& description, unsigned sharers) {
    tee::optee::PartitionConfig config;
    config.name = vm;
    add_rules(description.allow, config.policy.allow);
    add_rules(description.deny, config.policy.deny);
    config.policy.otherwise =
        description.otherwise == contract::TeeDefault::Deny ? tee::optee::Verdict::Deny : tee::optee::Verdict::Allow;
    tee::optee::Quotas& quotas = config.quotas;
    quotas.sessions = description.max_sessions.value_or(tee::optee::default_sessions(sharers));
    quotas.pinned_pages = description.pinned_pages.value_or(quotas.pinned_pages);
    quotas.buffers = description.buffers.value_or(quotas.buffers);
    quotas.calls = description.calls.value_or(quotas.calls);
    quotas.core_mapped_pages = description.mapped_pages.value_or(quotas.core_mapped_pages);
    return config;
}

} // namespace trv::vm
