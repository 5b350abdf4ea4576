// SPDX-License-Identifier: Apache-2.0
#include "arch/aarch32/pstate.hpp"
#include "arch/exception/exception_state.hpp"
#include "arch/skip_instruction.hpp"
#include "generated/option/aarch32.hpp"
#include "generated/option/firmware.hpp"
#include "generated/option/virtio.hpp"
#include "trap/guest_exception.hpp"
#include "trap/handlers.hpp"
#include "trap/write_back.hpp"
#include "vm/vm.hpp"

#include <optional>

namespace trv::trap {
namespace {

using namespace arch;

Ipa ipa_of(const GuestAbort& abort) {
    return faulting_ipa(abort.page, abort.address);
}

/// Whether the host lends the memory: it has taken it back, and the vCPU waits until it lends it anew.
[[gnu::cold, gnu::noinline, maybe_unused]] bool is_lent_later(vm::Vcpu& vcpu, u64 syndrome, Ipa ipa) {
    using Access = vm::IoBank::Attachment::Access;
    const Access access = vcpu.vm().bank().hold(vcpu.index(), ipa);
    if (access == Access::Waits) {
        vcpu.finish_exit_by([](vm::Vcpu&, u64, u64) {}, syndrome); // the guest makes the access again
    }
    return access != Access::Elsewhere;
}

/// Whether memory may be away that EL2 has to look at to answer an access: the instruction, or the guest's tables. The guest
/// makes the access again, and waits where it needs that memory itself.
[[gnu::cold, gnu::noinline, maybe_unused]] bool is_away(vm::Vcpu& vcpu) {
    const vm::IoBank::Attachment& bank = vcpu.vm().bank();
    return bank.is_whole() && !bank.is_lent();
}

/// Memory that the guest touches for the first time is populated, or just being so by another vCPU. And while one vCPU
/// has a block of stage 2 split, another may find it unmapped for a moment (memory/translation/stage2.hpp). In both cases the
/// access can simply be made again. Not after a permission fault: HPFAR_EL2 is not valid then [Arm ARM
/// D24.2.61], and what a guest may not do, it may not do later either.
bool is_mapped_now(vm::Vcpu& vcpu, const GuestAbort& abort, bool (*is_allowed)(memory::Access)) {
    if (!DataAbort{Syndrome{abort.syndrome}.iss()}
             .is_translation_fault()) { // at the same place for an instruction abort
        return false;
    }
    const auto leaf = vcpu.vm().memory().try_memory_at(ipa_of(abort));
    if (!leaf && leaf.error() == Error::NoMemory) {
        vcpu.vm().crash("the machine has no free memory for a page table of its memory at {}", ipa_of(abort));
        return true; // it would make the access again, but it stops
    }
    if constexpr (option::virtio) {
        if (!leaf && leaf.error() == Error::OutOfRange && is_lent_later(vcpu, abort.syndrome, ipa_of(abort))) {
            return true;
        }
    }
    // Another vCPU may be populating it: the guest tries again, and has its interrupts meanwhile.
    return leaf ? is_allowed(leaf->access) : leaf.error() == Error::Busy;
}

bool can_read(memory::Access) {
    return true;
}

bool can_be_emulated(DataAbort access) {
    return access.valid() && !access.on_table_walk() && access.is_translation_fault();
}

/// The register that is loaded or stored.
unsigned register_of(const GuestRegisters& registers, DataAbort access) {
    if constexpr (option::aarch32) {
        return arch::aarch32::named_register(access.register_index(), registers.pstate);
    }
    return access.register_index();
}

/// Ends an access that its device answered later.
void finish_access(vm::Vcpu& vcpu, u64 syndrome, u64 value) {
    const DataAbort access{Syndrome{syndrome}.iss()};
    if (!access.write()) {
        vcpu.registers().set(register_of(vcpu.registers(), access), extend_loaded(value, access));
    }
    skip_instruction(vcpu.registers(), Syndrome{syndrome}.instruction_size());
}

[[gnu::cold, gnu::noinline]] void leave_access(vm::Vcpu& vcpu, u64 syndrome, vdev::MmioOutcome outcome) {
    if (outcome == vdev::MmioOutcome::Pending) {
        ASSERT(vcpu.has_deferred_exit());
        vcpu.finish_exit_by(finish_access, syndrome);
    }
}

void answer_access(vm::Vcpu& vcpu, Syndrome syndrome, Ipa ipa, const vdev::MmioBus::Window& window) {
    const DataAbort access{syndrome.iss()};
    const vdev::MmioAccess request{ipa - window.range.base, access.size(), vcpu.index()};
    GuestRegisters& registers = vcpu.registers();
    if (access.write()) {
        const u64 value = registers.get(register_of(registers, access));
        const vdev::MmioOutcome outcome =
            window.device->write(request, access.size() == 8 ? value : value & (bit(access.size() * 8U) - 1));
        if (outcome != vdev::MmioOutcome::Done) [[unlikely]] {
            leave_access(vcpu, syndrome.value, outcome);
            return;
        }
    } else {
        const vdev::MmioRead read = window.device->read(request);
        if (read.outcome != vdev::MmioOutcome::Done) [[unlikely]] {
            leave_access(vcpu, syndrome.value, read.outcome);
            return;
        }
        registers.set(register_of(registers, access), extend_loaded(read.value, access));
    }
    skip_instruction(registers, syndrome.instruction_size());
}

/// The flash of a guest's firmware, which the guest may only read, and to which each write is a command.
[[gnu::cold, gnu::noinline, maybe_unused]] bool write_to_flash(vm::Vcpu& vcpu, const GuestAbort& abort) {
    const DataAbort access{Syndrome{abort.syndrome}.iss()};
    if (vcpu.vm().firmware() == nullptr || !access.write() || !access.valid() || access.on_table_walk()) {
        return false;
    }
    const std::optional<Ipa> ipa = guest_store_address(abort.address);
    const vdev::MmioBus::Window* const window =
        ipa ? vcpu.vm().devices().bus().find(*ipa, access.size(), vcpu.index()) : nullptr;
    if (window == nullptr) {
        return false;
    }
    vcpu.statistics.count(vm::ExitReason::Mmio);
    answer_access(vcpu, {abort.syndrome}, *ipa, *window);
    return true;
}

/// An access that the CPU does not describe, though it is one that a device could answer.
[[gnu::cold, gnu::noinline]] bool answer_write_back(vm::Vcpu& vcpu, const GuestAbort& abort) {
    const DataAbort access{Syndrome{abort.syndrome}.iss()};
    if (access.valid() || access.on_table_walk() || !access.is_translation_fault()) {
        return false;
    }
    const auto found = find_write_back(vcpu, abort.syndrome, abort.address);
    if (!found) {
        return found.error() == Error::Busy;
    }
    const u64 next = vcpu.registers().pc + Syndrome{found->syndrome}.instruction_size();
    handle_data_abort(vcpu, {found->syndrome, abort.address, abort.page});
    if (vcpu.registers().pc == next || vcpu.has_deferred_exit()) { // neither refused nor to be made again
        vcpu.registers().x[found->base] = found->value;
    }
    return true;
}

/// Why this access is refused, for the log.
std::string_view why_refused(DataAbort access, Ipa ipa) {
    if (access.is_permission_fault()) {
        return "read-only memory";
    }
    if (access.on_table_walk()) {
        return "a table walk";
    }
    if (!access.valid()) {
        return "an access that cannot be emulated (a pair, an exclusive or a vector)";
    }
    return ipa.is_aligned(access.size()) ? "no device or memory at this address" : "a misaligned access";
}

} // namespace

void handle_data_abort(vm::Vcpu& vcpu, const GuestAbort& abort) {
    const DataAbort access{Syndrome{abort.syndrome}.iss()};
    const Ipa ipa = ipa_of(abort);
    const vdev::MmioBus::Window* const window =
        can_be_emulated(access) ? vcpu.vm().devices().bus().find(ipa, access.size(), vcpu.index()) : nullptr;
    if (window != nullptr) {
        vcpu.statistics.count(vm::ExitReason::Mmio);
        answer_access(vcpu, {abort.syndrome}, ipa, *window);
        return;
    }
    if constexpr (option::firmware) {
        if (access.is_permission_fault() && write_to_flash(vcpu, abort)) {
            return;
        }
    }
    vcpu.statistics.count(vm::ExitReason::Fault);
    if (is_mapped_now(vcpu, abort, access.write() ? can_write : can_read) || answer_write_back(vcpu, abort)) {
        return;
    }
    if constexpr (option::virtio) {
        if (is_away(vcpu)) {
            return;
        }
    }
    log_limited(vcpu.vm().log_limit(), "{}: vCPU {} {} {} (address {}) at {}: {}; external abort", vcpu.vm().name(),
                vcpu.index(), access.write() ? "writes" : "reads", ipa, hex(abort.address), hex(vcpu.registers().pc),
                why_refused(access, ipa));
    inject_external_abort(vcpu, abort.syndrome, abort.address);
}

void handle_instruction_abort(vm::Vcpu& vcpu, const GuestAbort& abort) {
    vcpu.statistics.count(vm::ExitReason::Fault);
    if (is_mapped_now(vcpu, abort, can_execute)) {
        return;
    }
    // It cannot execute the first instruction of its handler: hardware would take the same exception for ever.
    if (vcpu.registers().pc == exception_vector(vcpu)) {
        report_guest(vcpu, abort.syndrome, abort.address);
        vcpu.vm().crash(
            "vCPU {} executes its exception vector at {} (guest-physical {}), which is not executable memory",
            vcpu.index(), hex(abort.address), ipa_of(abort));
        return;
    }
    log_limited(vcpu.vm().log_limit(),
                "{}: vCPU {} executes at {} (guest-physical {}), which is not executable memory; external abort",
                vcpu.vm().name(), vcpu.index(), hex(abort.address), ipa_of(abort));
    inject_external_abort(vcpu, abort.syndrome, abort.address);
}

} // namespace trv::trap
