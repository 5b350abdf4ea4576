// SPDX-License-Identifier: Apache-2.0
#include "trap/write_back.hpp"

#include "arch/exception/write_back.hpp"
#include "memory/guest_memory.hpp"
#include "vm/vm.hpp"

namespace trv::trap {
namespace {

using namespace arch;

/// Its own tables may refuse to read what they let it execute.
Result<u32> fetch_instruction(vm::Vcpu& vcpu) {
    const GuestRegisters& registers = vcpu.registers();
    if ((registers.pstate & spsr::AArch32) != 0) {
        return fail(Error::Unsupported);
    }
    const bool from_el0 = (registers.pstate & spsr::mode_mask) == spsr::El0t;
    const Ipa place = TRY(guest_load_address(registers.pc, from_el0));
    return memory::fetch(vcpu.vm().memory().stage2(), memory::GuestPtr<u32>(place));
}

} // namespace

[[gnu::cold]] Result<WriteBack> find_write_back(vm::Vcpu& vcpu, u64 syndrome, u64 address) {
    constexpr u64 described = bit(25) - bit(14); // ISV to AR
    const auto access = decode_write_back(TRY(fetch_instruction(vcpu)));
    if (!access || access->write != DataAbort{syndrome}.write()) {
        return fail(Error::Unsupported);
    }
    const u64 before = vcpu.registers().x[access->base];
    const u64 after = before + access->change;
    if ((((access->changed_before ? after : before) ^ address) & (page_size - 1)) != 0) {
        return fail(Error::Unsupported);
    }
    return WriteBack{(syndrome & ~described) | access->iss, access->base, after};
}

} // namespace trv::trap
