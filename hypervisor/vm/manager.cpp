// SPDX-License-Identifier: Apache-2.0
#include "vm/manager.hpp"

#include "arch/cpu/wait.hpp"
#include "generated/option/firmware.hpp"
#include "generated/option/virtio.hpp"

#include <algorithm>

namespace trv::vm {

sched::PerCpu& Manager::home_of(const machine::VmDescription& description, unsigned vcpu) {
    if (description.pinned) {
        return resources_.cpus[description.cpu[vcpu]];
    }
    struct Load {
        u64 own = 0;    // vCPUs of this VM
        u64 weight = 0; // of all others there
        auto operator<=>(const Load&) const = default;
    };
    std::array<Load, max_cpus> loads{};
    for_each_vm([&loads](Vm& vm) {
        for (unsigned i = 0; i < vm.vcpu_count(); ++i) {
            loads[vm.vcpu(i).home().index].weight += vm.description().weight;
        }
    });
    const std::span<Load> online = std::span(loads).first(resources_.cpus.size());
    auto chosen = std::ranges::min_element(online);
    for (unsigned i = 0; i < vcpu; ++i) { // the homes of the previous ones
        ++chosen->own;
        chosen = std::ranges::min_element(online);
    }
    return resources_.cpus[static_cast<std::size_t>(chosen - online.begin())];
}

[[gnu::noinline]] Manager::Slot* Manager::find(std::string_view name) {
    for (Slot& slot : slots_) {
        if (slot.id && !slot.forgetting && slot.config->label() == name) { // one that is being forgotten has no name
            return &slot;
        }
    }
    return nullptr;
}

Manager::Slot* Manager::find(VmHandle handle) {
    for (Slot& slot : slots_) {
        if (slot.id && slot.belongings && slot.handle == handle) {
            return &slot;
        }
    }
    return nullptr;
}

Result<void> Manager::add(Unique<machine::VmConfig> config, Number number) {
    VmId id = TRY(number == Number::Any ? ids_.lease() : ids_.lease(config->description().index));
    (void)TRY(put(std::move(config), std::move(id), {}));
    return {};
}

Result<VmHandle> Manager::add(Unique<machine::VmConfig> config, VmId number, Unique<Belongings> belongings) {
    return put(std::move(config), std::move(number), std::move(belongings));
}

Result<VmHandle> Manager::put(Unique<machine::VmConfig> config, VmId id, Unique<Belongings> belongings) {
    const Guard guard(lock_);
    if (find(config->label()) != nullptr) {
        return fail(Error::Busy);
    }
    config->set_index(id.number());
    Slot& slot = slots_[id.number()];
    ASSERT(!slot.is_in_use());
    slot.config = std::move(config);
    slot.handle = VmHandle(++last_handle_);
    slot.belongings = std::move(belongings);
    slot.abandoned = false;
    slot.id = std::move(id);
    return slot.handle;
}

Result<void> Manager::create(Unique<machine::VmConfig> config) {
    std::array<char, contract::max_label> text; // the description may go meanwhile
    const std::string_view name(text.data(), config->label().copy(text.data(), text.size()));
    TRY(add(std::move(config), Number::Any));
    const Result<void> started = start(name);
    if (!started) {
        (void)forget(name);
    }
    return started;
}

Result<void> Manager::forget(std::string_view name, Whose whose) {
    const Guard guard(lock_);
    Slot* const slot = find(name);
    if (slot == nullptr) {
        return fail(Error::NotFound);
    }
    // The host's number owns its memory for ever.
    if (slot->config->description().devices == machine::DeviceSet::All || (whose == Whose::Host && !slot->belongings)) {
        return fail(Error::Denied);
    }
    if (!slot->may_be_forgotten()) {
        return fail(Error::Busy);
    }
    if constexpr (option::firmware) {
        Variables* const variables = slot->belongings ? slot->belongings->variables.get() : nullptr;
        if (variables != nullptr && variables->is_awaited()) {
            return fail(Error::Busy);
        }
    }
    forget_in(*slot);
    return {};
}

/// Precondition: it is not in use.
void Manager::forget_in(Slot& slot) {
    if (slot.belongings) {
        slot.forgetting = true;
        sched::this_cpu().scheduler.add_job(slot);
        return;
    }
    slot.config.reset();
    slot.id = {};
}

Result<Manager::Slot*> Manager::begin_loading(VmHandle vm) {
    const Guard guard(lock_);
    Slot* const slot = find(vm);
    if (slot == nullptr || slot->abandoned || slot->is_in_use()) {
        return fail(slot == nullptr || slot->abandoned ? Error::NotFound : Error::Busy);
    }
    slot->loading = true;
    return slot;
}

void Manager::end_loading(Slot& slot) {
    const Guard guard(lock_);
    slot.loading = false;
    leave_if_abandoned(slot);
}

Result<Manager::Slot*> Manager::begin_use(VmHandle vm) {
    const Guard guard(lock_);
    Slot* const slot = find(vm);
    if (slot == nullptr || slot->abandoned || slot->forgetting) {
        return fail(Error::NotFound);
    }
    ++slot->users;
    return slot;
}

void Manager::end_use(Slot& slot) {
    const Guard guard(lock_);
    --slot.users;
    leave_if_abandoned(slot);
}

void Manager::abandon(VmHandle vm) {
    const Guard guard(lock_);
    if (Slot* const slot = find(vm)) {
        slot->abandoned = true;
        leave_if_abandoned(*slot);
    }
}

/// Who uses it meanwhile comes here in the end.
void Manager::leave_if_abandoned(Slot& slot) {
    if (!slot.abandoned) {
        return;
    }
    if (slot.vm) {
        slot.vm->request_stop(StopReason::Destroyed); // no effect if it has ended
    } else if (slot.may_be_forgotten()) {
        forget_in(slot);
    }
}

Result<void> Manager::start(std::string_view name) {
    const std::expected<void, Refused> started = start_by(name);
    return started ? Result<void>() : fail(started.error().error);
}

std::expected<void, Manager::Refused> Manager::start(VmHandle vm) {
    return start_by(vm);
}

template <typename Key>
std::expected<void, Manager::Refused> Manager::start_by(Key key) {
    Slot* slot;
    {
        const Guard guard(lock_);
        slot = find(key);
        if (slot == nullptr || slot->abandoned) {
            return std::unexpected(Refused{Error::NotFound, "no such VM"});
        }
        if (slot->is_in_use()) {
            return std::unexpected(Refused{Error::Busy, "it already exists"});
        }
        slot->creating = true;
    }
    const std::expected<void, Refused> created = create_in(*slot);
    if (!created && !slot->belongings) { // who made the VM is told, and must not fill the log
        refuse(slot->config->label(), created.error().why);
    }
    const Guard guard(lock_);
    slot->creating = false;
    leave_if_abandoned(*slot);
    return created;
}

std::string_view Manager::problem_of_host() const {
    if (!option::host) {
        return "this image was built without the host VM";
    }
    return resources_.host != nullptr ? resources_.host->problem() : "a host must be described at boot";
}

/// Context: the slot is being created, so no other CPU changes it.
std::expected<void, Manager::Refused> Manager::create_in(Slot& slot) {
    const machine::VmDescription& description = slot.config->description();
    const bool is_whole = description.io == machine::Io::Whole; // none of its memory comes from the pool
    const auto refused = [](Error error, std::string_view why) { return std::unexpected(Refused{error, why}); };
    if (ending_.load()) {
        return refused(Error::Busy, "the machine is powering off");
    }
    if (slot.belongings && !slot.belongings->is_complete()) {
        return refused(Error::Invalid, "its kernel or ramdisk is not loaded completely");
    }
    if constexpr (option::virtio) {
        if (slot.belongings && (slot.belongings->io->slots.has_devices() || is_whole) &&
            !slot.belongings->io->bank.is_lent()) {
            return refused(Error::Invalid, "its devices have no memory: none was lent, or not all");
        }
    }
    if (is_whole && (!option::virtio || !slot.belongings)) {
        return refused(Error::Unsupported, "its memory is to be lent by the host, which did not make it");
    }
    if (description.devices == machine::DeviceSet::All && !problem_of_host().empty()) {
        return refused(Error::Unsupported, problem_of_host());
    }
    // Memory that the boot loader filled for VMs, and no other memory.
    const auto is_module = [&frames = resources_.memory.frames](PaRange range) {
        return frames.check_owner(range, memory::FrameOwner::Modules).has_value();
    };
    if (!slot.belongings &&
        (!is_module(description.kernel) || (description.ramdisk && !is_module(*description.ramdisk)))) {
        return refused(Error::NotOwned, "its kernel or ramdisk lies outside the RAM available to boot loaders");
    }
    // To look first is cheap; to take all there is and give it back is not, and others would find none meanwhile.
    if (slot.belongings && !is_whole && !resources_.memory.pool.can_spare(description.memory_size / page_size)) {
        return refused(Error::NoMemory, "not enough free memory");
    }
    for (unsigned i = 0; description.pinned && i < description.vcpus; ++i) {
        if (description.cpu[i] >= resources_.cpus.size()) {
            return refused(Error::OutOfRange, "its description names a CPU that does not exist");
        }
    }
    auto vm = Vm::create(*this, description);
    if (!vm) {
        return refused(vm.error(), vm.error() == Error::NoMemory ? "not enough free memory" : trv::name_of(vm.error()));
    }
    Vm& created = **vm;
    for (unsigned i = 0; i < description.vcpus; ++i) {
        log_detail("{}: vCPU {} runs on CPU {}", created.name(), i, created.vcpu(i).home().index);
    }
    alive_.fetch_add(1);
    {
        const Guard guard(lock_);
        slot.vm = std::move(*vm);
    }
    resources_.console.events().vm_created(created.name());
    // Not left to the loader: the partitions go to VMs in the order of their descriptions, whichever is loaded first.
    while (!created.services().renew_step()) { // another CPU is creating a partition for a restarting VM: milliseconds
        arch::relax();
    }
    created.start();
    return {};
}

void Manager::run_without_tee(const Vm& vm, std::string_view reason) {
    log_always("{}: runs without OP-TEE: {}", vm.name(), reason);
    resources_.console.events().vm_without_tee(vm.name(), reason);
}

void Manager::refuse(std::string_view name, std::string_view reason) {
    log_always("{}: refused: {}", name, reason);
    resources_.console.events().vm_refused(name, reason);
}

void Manager::all_created() {
    if (leave()) {
        power_off_machine(console::PowerOffReason::AllVmsStopped);
    }
}

void Manager::on_running(Vm& vm) {
    resources_.console.events().vm_running(vm.name());
}

void Manager::on_load_failed(Vm& vm, std::string_view why) {
    refuse(vm.name(), why);
    retire(vm, leave());
}

} // namespace trv::vm
