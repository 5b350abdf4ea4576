// SPDX-License-Identifier: Apache-2.0
#include "vm/vm.hpp"

#include "arch/cpu/clock.hpp"
#include "arch/memory/page_table_format.hpp"
#include "generated/option/aarch32.hpp"
#include "generated/option/firmware.hpp"
#include "generated/option/gicv2.hpp"
#include "generated/option/host.hpp"
#include "generated/option/manager.hpp"
#include "generated/option/virtio.hpp"
#include "memory/heap.hpp"
#include "sched/per_cpu.hpp"
#include "vm/host/belongings.hpp"
#include "vm/manager.hpp"
#include "vm/physical_timer.hpp"
#include "vm/pmu.hpp"

namespace trv::vm {
namespace {

/// Large enough for all of guest/layout.hpp's map and hundreds of GiB of memory, small enough for a three-level
/// stage 2.
constexpr unsigned guest_ipa_bits = 39;

/// Each start and stop is reported on the console, which takes EL2 time: so the rate of restarts is limited.
constexpr u64 starts_at_once = 8;
constexpr u64 starts_a_second = 4;

[[maybe_unused]] Result<void> create_firmware(Unique<Firmware>& firmware, Vm& vm) {
    firmware = TRY(Firmware::create(vm));
    return {};
}
[[maybe_unused]] Result<void> create_firmware(NoFirmware&, Vm&) {
    return fail(Error::Unsupported);
}

/// The host has the machine's addresses.
unsigned ipa_bits(const arch::TranslationLimits& limits, const Host* host) {
    return std::min(option::host && host != nullptr ? host->address_bits() : guest_ipa_bits, limits.pa_bits);
}

} // namespace

Result<Unique<Vm>> Vm::create(Manager& manager, const machine::VmDescription& description) {
    const memory::FrameOwner owner = memory::vm_owner(description.index);
    const Resources& resources = manager.resources();
    memory::FramePool& pool = resources.memory.pool;
    memory::VmidLease vmid = TRY(resources.memory.vmids.lease());
    const Host* const host = manager.host_for(description);
    memory::Stage2 stage2 =
        TRY(memory::Stage2::create(pool, std::move(vmid), owner, ipa_bits(resources.limits, host), resources.limits));
    const Belongings* const belongings = manager.belongings_of(description.index);
    unsigned interrupts = spis_of(description, host != nullptr ? host->layout() : guest::usual_layout);
    const bool has_bank = option::virtio && belongings != nullptr && belongings->io->bank.is_lent();
    interrupts += has_bank ? vdev::VirtioSlots::count : 0;
    auto spis = TRY(vdev::VGic::make_spis(interrupts));
    auto vm = TRY(memory::make<Vm>(manager, description, std::move(stage2), std::move(spis)));
    if (host != nullptr) {
        TRY(vm->memory_.ram().adopt(pool, vm->memory_.stage2(), host->memory(), owner));
    } else if (description.io != machine::Io::Whole) {
        TRY(vm->memory_.ram().allocate(pool, description.memory_size, owner));
    }
    if (description.firmware_size != 0) {
        TRY(vm->add_firmware());
    }
    TRY(vm->stolen_time_.create(pool, vm->memory_.stage2(), vm->layout_.stolen_time));
    TRY(vm->vcpus_.create(*vm, description));
    for (unsigned i = 0; i < vm->vcpu_count(); ++i) {
        vm->vgic_.bind_hardware(i, IntId(guest::timer_virtual_intid), resources.virtual_timer);
    }
    if constexpr (option::gicv2) {
        const Pa registers = resources.guest_spis.gic().guest_registers();
        TRY(vm->memory_.stage2().map_cpu_registers(vm->layout_.gicc, registers));
    }
    if (has_bank) {
        vm->bank_ = TRY(belongings->io->bank.attach(vm->memory_.stage2(), vm->vcpus_));
    }
    TRY(vm->devices_.create({vm->description_, resources.console.multiplexer(), resources.wall_clock, vm->layout_,
                             belongings, vm->bank_.range(), vm->firmware_.get()}));
    TRY(pass_registers(*vm, resources.memory.devices, vm->registers_));
    TRY(vm->interrupts_.take(resources.guest_spis, *vm, vm->layout_));
    return vm;
}

Vm::Vm(Manager& manager, const machine::VmDescription& description, memory::Stage2 stage2,
       HeapArray<vdev::VGicSpiWord> spis)
    : manager_(manager), description_(description), host_(manager.host_for(description)),
      layout_(host_ != nullptr ? host_->layout() : guest::usual_layout),
      memory_(manager.resources().memory.frames, std::move(stage2)),
      vgic_(vcpus_, vcpus_, description.vcpus, std::move(spis)), vcpus_(manager), interrupts_(vgic_),
      devices_(vgic_, vcpus_), loader_(*this), starts_(starts_at_once, arch::tick_hz() / starts_a_second),
      group_{description.index, description.weight, sched::Cap(description.cap)} {}

Result<void> Vm::add_firmware() {
    return is_host() ? fail(Error::Invalid) : create_firmware(firmware_, *this);
}

PaRange Vm::image_piece(contract::manager::Image image, u64 position) const {
    if constexpr (option::manager) {
        if (const Belongings* const belongings = manager_.belongings_of(index())) {
            const LoadedImage::Piece piece = belongings->images[static_cast<std::size_t>(image)].at(position);
            return {piece.pa, piece.bytes};
        }
    }
    const PaRange module = image == contract::manager::Image::Kernel ? description_.kernel : *description_.ramdisk;
    return {module.base + position, module.size - position};
}

void Vm::start() {
    state_.store(VmState::Loading, std::memory_order_relaxed);
    loader_.restart(starts_.next_turn(arch::ticks()));
    vcpus_[0].home().scheduler.add_job(loader_);
}

void Vm::run_from(const guest::Placement& placement) {
    log_detail("{}: starts at {}, device tree at {}", name(), placement.kernel, placement.tree.base);
    clock_.start(); // power_on() below publishes it
    state_.store(VmState::Running, std::memory_order_relaxed);
    manager_.on_running(*this);
    // A stop that was requested while nothing ran yet takes effect here: the vCPU is parked before its first
    // instruction.
    if constexpr (option::aarch32) {
        for (unsigned i = 0; i < vcpu_count(); ++i) {
            vcpus_[i].context().aarch32.in_use = placement.aarch32;
        }
        if (placement.aarch32) {
            start_zimage(placement);
            return;
        }
    }
    (void)power_on(vcpus_[0], placement.kernel.value, placement.tree.base.value);
}

/// [Linux, Documentation/arch/arm/booting.rst 5]
void Vm::start_zimage(const guest::Placement& placement) {
    (void)vcpus_.power_on(vcpus_[0], stop_, [&] {
        constexpr u64 no_machine_type = 0xffff'ffff; // the tree says what it is
        arch::GuestContext& context = vcpus_[0].context();
        arch::reset(context, placement.kernel.value, 0);
        context.registers.x[1] = no_machine_type;
        context.registers.x[2] = placement.tree.base.value;
        vgic_.reset_vcpu(0);
    });
}

void Vm::on_load_failed(std::string_view why) {
    stop_.make(StopReason::Destroyed);
    manager_.on_load_failed(*this, why);
}

void Vm::reset() {
    services_.reset();
    devices_.for_each([](vdev::Device& device) { device.reset(); });
    for (unsigned i = 0; i < vcpu_count(); ++i) {
        vcpus_[i].forget_steal_time();
        stolen_time_.publish(i, 0);
    }
    stop_.forget_detail();
}

Result<bool> Vm::give_back_step() {
    if (!services_.end_step()) {
        return false;
    }
    if constexpr (option::firmware) {
        if (firmware() != nullptr && !firmware()->give_back_step()) {
            return false;
        }
    }
    if constexpr (option::virtio) {
        if (bank_.unmap_step()) {
            return false;
        }
    }
    return memory_.ram().give_back_step(memory_.stage2());
}

VcpuSet::PowerOn Vm::power_on(Vcpu& target, u64 entry, u64 argument) {
    return vcpus_.power_on(target, stop_, [&] {
        arch::reset(target.context(), entry, argument);
        vgic_.reset_vcpu(target.index());
    });
}

void Vm::power_off_current() {
    Vcpu& vcpu = *current_vcpu(sched::this_cpu());
    vcpu.home().scheduler.park();
    vcpu_is_off(vcpu);
}

void Vm::vcpu_is_off(Vcpu& vcpu) {
    reset_physical_timer(vcpu);
    if constexpr (option::pmu) {
        reset_pmu(vcpu);
    }
    if (!vcpus_.power_off(vcpu)) {
        return;
    }
    vgic_.silence_hardware(); // whether it starts again or not
    // A guest that powers off its last vCPU without PSCI SYSTEM_OFF can never run again.
    stop_.make_if_none(StopReason::Off);
    manager_.on_stopped(*this);
}

void Vm::request_stop(StopReason reason) {
    stop_.make(reason);
    state_.store(VmState::Stopping, std::memory_order_relaxed);
    clock_.give_up_pause([this] { vgic_.pause_hardware(false); });
    vcpus_.release_all();
    vcpus_.summon_all();
}

bool Vm::pause() {
    const bool begun = clock_.begin_pause([this] { return !stop_.is_made(); }, [this] { vgic_.pause_hardware(true); });
    if (begun) {
        vcpus_.summon_all();
    }
    return begun;
}

bool Vm::resume() {
    const bool ended =
        clock_.end_pause([this] { return !vcpus_.is_any_running(); }, [this] { vgic_.pause_hardware(false); });
    if (ended) {
        vcpus_.release_all();
    }
    return ended;
}

void Vm::crash_with(std::string_view detail) {
    stop_.explain(detail);
    request_stop(StopReason::Crash);
}

} // namespace trv::vm
