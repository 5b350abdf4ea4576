// SPDX-License-Identifier: Apache-2.0
#include "arch/guest_context.hpp"

#include "arch/asynchronous_error.hpp"
#include "arch/registers/registers.hpp"
#include "arch/registers/sysreg.hpp"
#include "generated/option/aarch32.hpp"

namespace trv::arch {
namespace {

// EL2 is compiled without FP, so these are the only instructions in the image that touch it.
void load_fp(const FpRegisters& fp) {
    asm volatile(".arch_extension fp\n\t"
                 ".arch_extension simd\n\t"
                 "ldp q0, q1, [%0, #0x000]\n\tldp q2, q3, [%0, #0x020]\n\tldp q4, q5, [%0, #0x040]\n\t"
                 "ldp q6, q7, [%0, #0x060]\n\tldp q8, q9, [%0, #0x080]\n\tldp q10, q11, [%0, #0x0a0]\n\t"
                 "ldp q12, q13, [%0, #0x0c0]\n\tldp q14, q15, [%0, #0x0e0]\n\tldp q16, q17, [%0, #0x100]\n\t"
                 "ldp q18, q19, [%0, #0x120]\n\tldp q20, q21, [%0, #0x140]\n\tldp q22, q23, [%0, #0x160]\n\t"
                 "ldp q24, q25, [%0, #0x180]\n\tldp q26, q27, [%0, #0x1a0]\n\tldp q28, q29, [%0, #0x1c0]\n\t"
                 "ldp q30, q31, [%0, #0x1e0]\n\t"
                 "msr fpcr, %1\n\tmsr fpsr, %2\n\t"
                 ".arch_extension nosimd\n\t.arch_extension nofp"
                 :
                 : "r"(fp.q), "r"(fp.fpcr), "r"(fp.fpsr)
                 : "memory");
}

void save_fp(FpRegisters& fp) {
    u64 fpcr;
    u64 fpsr;
    asm volatile(".arch_extension fp\n\t"
                 ".arch_extension simd\n\t"
                 "stp q0, q1, [%2, #0x000]\n\tstp q2, q3, [%2, #0x020]\n\tstp q4, q5, [%2, #0x040]\n\t"
                 "stp q6, q7, [%2, #0x060]\n\tstp q8, q9, [%2, #0x080]\n\tstp q10, q11, [%2, #0x0a0]\n\t"
                 "stp q12, q13, [%2, #0x0c0]\n\tstp q14, q15, [%2, #0x0e0]\n\tstp q16, q17, [%2, #0x100]\n\t"
                 "stp q18, q19, [%2, #0x120]\n\tstp q20, q21, [%2, #0x140]\n\tstp q22, q23, [%2, #0x160]\n\t"
                 "stp q24, q25, [%2, #0x180]\n\tstp q26, q27, [%2, #0x1a0]\n\tstp q28, q29, [%2, #0x1c0]\n\t"
                 "stp q30, q31, [%2, #0x1e0]\n\t"
                 "mrs %0, fpcr\n\tmrs %1, fpsr\n\t"
                 ".arch_extension nosimd\n\t.arch_extension nofp"
                 : "=&r"(fpcr), "=&r"(fpsr)
                 : "r"(fp.q)
                 : "memory");
    fp.fpcr = fpcr;
    fp.fpsr = fpsr;
}

void load_el1(const El1Registers& r) {
    SctlrEl1::write(r.sctlr);
    CpacrEl1::write(r.cpacr);
    Ttbr0El1::write(r.ttbr0);
    Ttbr1El1::write(r.ttbr1);
    TcrEl1::write(r.tcr);
    MairEl1::write(r.mair);
    AmairEl1::write(r.amair);
    Afsr0El1::write(r.afsr0);
    Afsr1El1::write(r.afsr1);
    EsrEl1::write(r.esr);
    FarEl1::write(r.far);
    VbarEl1::write(r.vbar);
    ContextidrEl1::write(r.contextidr);
    TpidrEl0::write(r.tpidr_el0);
    TpidrroEl0::write(r.tpidrro_el0);
    TpidrEl1::write(r.tpidr_el1);
    CntkctlEl1::write(r.cntkctl);
    ParEl1::write(r.par);
    CsselrEl1::write(r.csselr);
    SpEl0::write(r.sp_el0);
    SpEl1::write(r.sp_el1);
    ElrEl1::write(r.elr);
    SpsrEl1::write(r.spsr);
}

void save_el1(El1Registers& r) {
    r.sctlr = SctlrEl1::read();
    r.cpacr = CpacrEl1::read();
    r.ttbr0 = Ttbr0El1::read();
    r.ttbr1 = Ttbr1El1::read();
    r.tcr = TcrEl1::read();
    r.mair = MairEl1::read();
    r.amair = AmairEl1::read();
    r.afsr0 = Afsr0El1::read();
    r.afsr1 = Afsr1El1::read();
    r.esr = EsrEl1::read();
    r.far = FarEl1::read();
    r.vbar = VbarEl1::read();
    r.contextidr = ContextidrEl1::read();
    r.tpidr_el0 = TpidrEl0::read();
    r.tpidrro_el0 = TpidrroEl0::read();
    r.tpidr_el1 = TpidrEl1::read();
    r.cntkctl = CntkctlEl1::read();
    r.par = ParEl1::read();
    r.csselr = CsselrEl1::read();
    r.sp_el0 = SpEl0::read();
    r.sp_el1 = SpEl1::read();
    r.elr = ElrEl1::read();
    r.spsr = SpsrEl1::read();
}

} // namespace

void load_guest(const GuestContext& context, u64 counter_offset) {
    VmpidrEl2::write(context.vmpidr);
    load_el1(context.el1);
    load_fp(context.fp);
    CntvoffEl2::write(counter_offset);
    CntvCvalEl0::write(context.timer.compare);
    CntvCtlEl0::write(context.timer.control);
    load_virtual_error(context.virtual_error);
    if (context.debug.in_use()) [[unlikely]] {
        load_debug(context.debug);
    }
    if constexpr (option::aarch32) {
        if (context.aarch32.in_use) [[unlikely]] {
            load_aarch32(context.aarch32);
        }
    }
    // No ISB: the exception return into the guest synchronizes these writes [Arm ARM D1.4].
}

void set_counter_offset(u64 offset) {
    CntvoffEl2::write(offset);
}

bool is_guest_timer_asserted() {
    using namespace timer_ctl;
    return (CntvCtlEl0::read() & (ENABLE | IMASK | ISTATUS)) == (ENABLE | ISTATUS);
}

void save_guest(GuestContext& context) {
    context.timer.control = CntvCtlEl0::read();
    context.timer.compare = CntvCvalEl0::read();
    CntvCtlEl0::write(0);
    // The timer's output falls before the caller makes its interrupt inactive, or the interrupt would come once more.
    isb();
    if (context.debug.in_use()) [[unlikely]] {
        silence_debug();
    }
    if constexpr (option::aarch32) {
        if (context.aarch32.in_use) [[unlikely]] {
            save_aarch32(context.aarch32);
        }
    }
    save_virtual_error(context.virtual_error);
    save_fp(context.fp);
    save_el1(context.el1);
}

} // namespace trv::arch
