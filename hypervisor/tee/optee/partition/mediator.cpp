// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/partition/mediator.hpp"

#include "arch/cpu/wait.hpp"
#include "lib/checked.hpp"
#include "lib/log.hpp"
#include "memory/heap.hpp"
#include "tee/optee/abi/message.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/model/optee_entry.hpp"
#include "tee/optee/partition/partition.hpp"

#include <algorithm>

namespace trv::tee::optee {
namespace {

/// One of the few calls that OP-TEE permits without a guest's id.
std::array<u32, 4> ask(u32 function, u64 a1 = 0) {
    const arch::SmcResult result = enter_optee({{function, a1}});
    std::array<u32, 4> values{};
    std::transform(std::begin(result.a), std::end(result.a), values.begin(), [](u64 a) { return static_cast<u32>(a); });
    return values;
}

constexpr u32 needed_capabilities = abi::CapVirtualization | abi::CapDynamicShm | abi::CapRpcArg;

} // namespace

Result<void> Mediator::probe_identity() {
    if (!std::ranges::equal(ask(abi::CallsUid), abi::uid)) {
        return fail(Error::NotFound);
    }
    if (ask(abi::CallsRevision)[0] != abi::revision_major) {
        return fail(Error::Unsupported);
    }
    boot_.os_uuid = ask(abi::GetOsUuid);
    const std::array<u32, 4> revision = ask(abi::GetOsRevision);
    boot_.os_major = revision[0];
    boot_.os_minor = revision[1];
    boot_.os_build = revision[2];
    return {};
}

Result<void> Mediator::probe_capabilities() {
    const std::array<u32, 4> exchanged = ask(abi::ExchangeCapabilities);
    if (exchanged[0] != abi::Ok) {
        return fail(Error::Unsupported);
    }
    boot_.capabilities = exchanged[1];
    boot_.max_notification = exchanged[2];
    boot_.rpc_parameters = exchanged[3] & 0xff;
    if ((boot_.capabilities & needed_capabilities) != needed_capabilities ||
        boot_.rpc_parameters > msg::most_rpc_params) {
        return fail(Error::Unsupported);
    }
    const std::array<u32, 4> threads = ask(abi::GetThreadCount);
    if (threads[0] != abi::Ok || threads[1] == 0) {
        return fail(Error::Unsupported);
    }
    boot_.threads = threads[1];
    return {};
}

Result<void> Mediator::start(PaRange arena, memory::FrameTable& frames, Sharing sharing) {
    if (!arena.base.is_aligned(page_size)) {
        return fail(Error::Misaligned);
    }
    TRY(probe_identity());
    TRY(probe_capabilities());
    arena_ = Arena(arena);
    threads_ = std::min(boot_.threads, max_threads);
    places_ = static_cast<unsigned>(std::min<u64>(arena_.slots() / threads_, max_partitions));
    if (places_ == 0) {
        return fail(Error::OutOfRange);
    }
    TRY(watch_optee(arena, frames));
    sharing.partitions = std::min(sharing.partitions, places_);
    spaces_.start(sharing);
    available_ = true;
    log("OP-TEE {}.{}, virtualized, {} threads per VM, {} KiB of shared memory{}", boot_.os_major, boot_.os_minor,
        boot_.threads, arena.size / KiB, has_notifications() ? ", notifications" : "");
    return {};
}

bool Mediator::has_notifications() const {
    return (boot_.capabilities & abi::CapAsyncNotif) != 0;
}

bool Mediator::is_id_used(u16 id) const {
    return std::ranges::any_of(ids_, [&](const std::atomic<u16>& used) { return used.load() == id; });
}

u16 Mediator::next_id() {
    // An id is reused as late as possible: OP-TEE finds partitions by it, and frees one only when the last CPU has left
    // it [virtualization.c].
    do {
        last_id_ = static_cast<u16>(last_id_ + 1);
    } while (last_id_ == 0 || is_id_used(last_id_));
    return last_id_;
}

Result<Unique<Partition>> Mediator::admit(const PartitionConfig& config, GuestMemory& memory,
                                          vdev::InterruptLine* notification, unsigned more_calls) {
    if (!available_) {
        return fail(Error::Unsupported);
    }
    if (!spaces_.may_start(config.account)) {
        return fail(Error::Denied);
    }
    unsigned place = 0;
    while (place < places_ && ids_[place].load() != 0) {
        ++place;
    }
    if (place == places_) {
        return fail(Error::TooMany);
    }
    Unique<Partition> partition = TRY(memory::make<Partition>(*this, place, config, memory, notification));
    TRY(partition->tables_.create());
    Slots& slots = partition->calls_.slots();
    slots.give(arena_, u64{place} * threads_, threads_for(config));
    // Behind those of all places.
    const u64 first = u64{places_} * threads_;
    slots.give_more(arena_, first, static_cast<unsigned>(std::min<u64>(more_calls, arena_.slots() - first)));
    const u16 id = next_id();
    if (ask(abi::VmCreated, id)[0] != abi::Ok) {
        return fail(Error::TooMany);
    }
    watch_partition(id, memory);
    partition->tables_.id = id;
    partition->created_ = true;
    ids_[place].store(id);
    // Release: a CPU that finds the partition sees it complete.
    registrations_[place].partition.store(partition.get(), std::memory_order_release);
    return partition;
}

Result<Unique<Partition>> Mediator::admit_alone(const PartitionConfig& config, GuestMemory& memory,
                                                vdev::InterruptLine& notification, memory::FramePool& pool) {
    Unique<Partition> partition =
        TRY(memory::make<Partition>(*this, Partition::no_place, config, memory, &notification));
    TRY(partition->tables_.create());
    constexpr unsigned order = memory::order_for(max_threads * ArenaSlot::size);
    partition->own_arena_ = TRY(pool.allocate(order, memory::FrameOwner::Hypervisor));
    partition->calls_.slots().give(Arena(partition->own_arena_.range()), 0, std::min(max_threads, config.quotas.calls));
    return partition;
}

void Mediator::silence(unsigned place) {
    Registration& registration = registrations_[place];
    // Sequentially consistent, as in notification_interrupt(): either that CPU sees null, or this one sees its use.
    registration.partition.store(nullptr);
    while (registration.users.load() != 0) {
        arch::relax();
    }
}

void Mediator::release(unsigned place) {
    ids_[place].store(0);
}

void Mediator::notification_interrupt() {
    for (unsigned i = 0; i < places_; ++i) {
        Registration& registration = registrations_[i];
        registration.users.fetch_add(1);
        if (Partition* const partition = registration.partition.load()) {
            partition->collect_notifications();
        }
        registration.users.fetch_sub(1);
    }
}

} // namespace trv::tee::optee
