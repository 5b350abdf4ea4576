// SPDX-License-Identifier: Apache-2.0
// Gives a VM its OP-TEE. Not in images without OP-TEE.

#include "generated/option/trace.hpp"
#include "generated/option/virtio.hpp"
#include "memory/heap.hpp"
#include "tee/manager/endpoint.hpp"
#include "tee/optee/partition/partition.hpp"
#include "vm/manager.hpp"
#include "vm/trace/tracing.hpp"

#include <algorithm>

namespace trv::vm {
namespace {

std::string_view reason_for(Error error, bool made_by_host) {
    switch (error) {
    case Error::TooMany:
        return "OP-TEE has no free partition";
    case Error::Unsupported:
        return "this machine has no virtualized OP-TEE";
    case Error::Denied:
        return made_by_host
                   ? "VMs that the host made left applications in OP-TEE; only a restart of the machine unloads them"
                   : "its earlier runs left applications in OP-TEE; only a restart of the machine unloads them";
    default:
        return trv::name_of(error);
    }
}

template <typename Rules>
void add_rules(std::span<const u8> uuids, Rules& rules) {
    for (; uuids.size() >= contract::uuid_size; uuids = uuids.subspan(contract::uuid_size)) {
        tee::optee::Uuid uuid;
        std::ranges::copy(uuids.first(contract::uuid_size), uuid.bytes.begin());
        (void)rules.push_back(uuid); // the parser has enforced the maximum
    }
}

/// Converts the machine description's limits to the mediator's; missing ones get the mediator's defaults.
tee::optee::PartitionConfig tee_config(std::string_view vm, const machine::Tee& description) {
    tee::optee::PartitionConfig config;
    config.name = vm;
    add_rules(description.allow, config.policy.allow);
    add_rules(description.deny, config.policy.deny);
    config.policy.otherwise =
        description.otherwise == contract::TeeDefault::Deny ? tee::optee::Verdict::Deny : tee::optee::Verdict::Allow;
    tee::optee::Quotas& quotas = config.quotas;
    quotas.sessions = description.max_sessions.value_or(quotas.sessions);
    quotas.pinned_pages = description.pinned_pages.value_or(quotas.pinned_pages);
    quotas.buffers = description.buffers.value_or(quotas.buffers);
    quotas.calls = description.calls.value_or(quotas.calls);
    quotas.core_mapped_pages = description.mapped_pages.value_or(quotas.core_mapped_pages);
    return config;
}

/// Pages that the host may register beyond those that others may, to lend them to its VMs: of some the whole memory.
u32 pages_to_lend(const machine::VmDescription& host) {
    constexpr u64 least = 128 * MiB / page_size;
    constexpr u64 most = tee::optee::Quotas::most_pinned_pages - tee::optee::Quotas().pinned_pages;
    return option::virtio ? static_cast<u32>(std::clamp(host.memory_size / page_size, least, most)) : 0;
}

using Admitted = Result<Unique<tee::optee::Partition>>;

/// The hypervisor's own service joins what the VM's driver finds.
/// @param optee the VM's partition of OP-TEE, if it has one; otherwise the service is alone
Admitted with_service(Admitted optee, unsigned threads, Vm& vm, vdev::InterruptLine& notification,
                      tee::manager::Service& service) {
    if constexpr (option::manager) {
        const Resources& resources = vm.manager().resources();
        tee::optee::PartitionConfig config;
        config.name = vm.name();
        config.quotas.pinned_pages += pages_to_lend(vm.description());
        Unique<tee::optee::Partition> partition =
            optee ? std::move(*optee)
                  : TRY(resources.mediator.admit_alone(config, vm.memory(), notification, resources.memory.pool));
        const auto& group = vm.description().manager_group;
        partition->interpose(TRY(memory::make<tee::manager::Endpoint>(
            service, partition->tables(), group ? tee::manager::Group(tee::optee::Uuid{*group}) : std::nullopt,
            partition->threads(), partition->has_optee() ? threads : 0)));
        return partition;
    }
    return optee;
}

} // namespace

bool Manager::admit_to_tee(Vm& vm, vdev::InterruptLine& notification, Unique<tee::SecureService>& service) {
    if (admitting_.exchange(true, std::memory_order_acquire)) {
        return false;
    }
    Admitted admitted = fail(Error::NotFound);
    unsigned threads = 0;
    if (vm.description().tee) {
        tee::optee::PartitionConfig config = tee_config(vm.name(), *vm.description().tee);
        const bool made_by_host = belongings_of(vm.index()) != nullptr;
        config.account = made_by_host ? tee::optee::AddressSpaces::hosts_account : vm.index();
        if (serves(vm)) {
            config.quotas.pinned_pages = vm.description().tee->pinned_pages.value_or(config.quotas.pinned_pages +
                                                                                     pages_to_lend(vm.description()));
            (void)config.policy.allow.push_back(tee::optee::Uuid{contract::manager::uuid}); // there is room
        }
        threads = resources_.mediator.threads_for(config);
        admitted =
            resources_.mediator.admit(config, vm.memory(), &notification, serves(vm) ? tee::optee::max_threads : 0);
        if (!admitted) {
            run_without_tee(vm, reason_for(admitted.error(), made_by_host));
        }
    }
    const bool has_optee = admitted.has_value();
    if (serves(vm)) {
        admitted = with_service(std::move(admitted), threads, vm, notification, *for_host_);
        if (!admitted) {
            log_always("{}: runs without the manager: {}", vm.name(), admitted.error());
        }
    }
    admitting_.store(false, std::memory_order_release);
    if (!admitted) {
        return true;
    }
    if constexpr (option::trace) {
        if (auto trace = make_tee_trace(vm.index())) { // a VM whose calls are not traced is better than none
            (*admitted)->set_trace(std::move(*trace));
        }
    }
    if (has_optee) {
        resources_.console.events().vm_with_tee(vm.name(), (*admitted)->id());
    }
    service = std::move(*admitted);
    return true;
}

} // namespace trv::vm
