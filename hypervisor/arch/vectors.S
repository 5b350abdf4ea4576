// SPDX-License-Identifier: Apache-2.0
// EL2's exception vectors [Arm ARM D1.3.1.5]. From a guest: save what every exit needs, call trivisor_exit(kind),
// restore. From EL2 itself: always our own bug (interrupts are masked at EL2); trivisor_fault() reports and stops the
// machine.

#include "arch/offsets.h"
#include "generated/config.h"

    .macro from_guest kind, to
    .balign 0x80
    stp     x0, x1, [sp, #-16]!
    mov     w0, #\kind
    b       \to
    .endm

    // The stack may be the problem (its guard page), so the fault path uses another one. SP_EL0 belongs to a guest, but
    // the machine stops here, so it is the scratch register.
    .macro from_hypervisor kind
    .balign 0x80
    msr     sp_el0, x0
    mrs     x0, tpidr_el2
    ldr     x0, [x0, #PERCPU_FAULT_FRAME]
    str     x1, [x0, #(REGS_X0 + 8)]
    mov     w1, #\kind
    b       fault
    .endm

    // As above, but take_serror() waits for it: then it goes on behind its window, with ESR_EL2 in x0.
    .macro serror_from_hypervisor
    .balign 0x80
    msr     sp_el0, x0
    mrs     x0, tpidr_el2
    ldr     x0, [x0, #PERCPU_FAULT_FRAME]
    str     x1, [x0, #(REGS_X0 + 8)]
    b       serror_at_el2
    .endm

    .macro vector_table exit
    from_hypervisor EXIT_SYNC   // current EL with SP_EL0: never used
    from_hypervisor EXIT_IRQ
    from_hypervisor EXIT_FIQ
    from_hypervisor EXIT_SERROR
    from_hypervisor EXIT_SYNC   // current EL with SP_EL2
    from_hypervisor EXIT_IRQ
    from_hypervisor EXIT_FIQ
    serror_from_hypervisor
    from_guest EXIT_SYNC, \exit  // lower EL, AArch64
    from_guest EXIT_IRQ, \exit
    from_guest EXIT_FIQ, \exit
    from_guest EXIT_SERROR, \exit
    from_guest EXIT_SYNC, \exit  // lower EL, AArch32: a 32-bit application under a 64-bit kernel
    from_guest EXIT_IRQ, \exit
    from_guest EXIT_FIQ, \exit
    from_guest EXIT_SERROR, \exit
    .balign 0x80
    .endm

    // The guest's registers into its context; x0 and x1 are on the stack, w0 holds the exit's kind and keeps it.
    .macro save_guest
    mrs     x1, tpidr_el2
    ldr     x1, [x1, #PERCPU_REGISTERS]
    stp     x2, x3, [x1, #(REGS_X0 + 16)]
    ldp     x2, x3, [sp], #16
    stp     x4, x5, [x1, #(REGS_X0 + 32)]
    stp     x6, x7, [x1, #(REGS_X0 + 48)]
    stp     x8, x9, [x1, #(REGS_X0 + 64)]
    stp     x10, x11, [x1, #(REGS_X0 + 80)]
    stp     x12, x13, [x1, #(REGS_X0 + 96)]
    stp     x14, x15, [x1, #(REGS_X0 + 112)]
    stp     x16, x17, [x1, #(REGS_X0 + 128)]
    stp     x18, x19, [x1, #(REGS_X0 + 144)]
    stp     x20, x21, [x1, #(REGS_X0 + 160)]
    stp     x22, x23, [x1, #(REGS_X0 + 176)]
    stp     x24, x25, [x1, #(REGS_X0 + 192)]
    stp     x26, x27, [x1, #(REGS_X0 + 208)]
    stp     x28, x29, [x1, #(REGS_X0 + 224)]
    mrs     x4, elr_el2
    mrs     x5, spsr_el2
    stp     x30, x4, [x1, #REGS_X30]
    str     x5, [x1, #REGS_SPSR]
    stp     x2, x3, [x1, #REGS_X0]
    mov     x29, xzr                // backtraces end here
    .endm

    .section .text.vectors, "ax"
    .balign 0x800
    .global exception_vectors
exception_vectors:
    vector_table exit_guest
#ifdef CONFIG_SPECULATION
    .global measured_vectors
measured_vectors:
    vector_table measured_exit

// Against a branch history that the guest made (arch/speculation.hpp), before the first branch that is predicted by it.
// Whichever way the conditional branches here are guessed, an ISB or the SMC ends the guess.
measured_exit:
    stp     x2, x3, [sp, #-16]!
    mrs     x1, tpidr_el2
    ldr     w2, [x1, #PERCPU_LOOP_COUNT]
    ldr     w3, [x1, #PERCPU_EXIT_CALL]
    cbnz    w3, 3f
    hint    #22                     // CLRBHB; a NOP where the CPU does not have it
    cbz     w2, 2f
1:  b       . + 4
    subs    w2, w2, #1
    b.ne    1b
2:  dsb     nsh
    isb
    ldp     x2, x3, [sp], #16
    b       exit_guest
3:  ldp     x2, x3, [sp], #16
    save_guest
    mov     w19, w0
    bl      trivisor_settle_errors  // firmware must not find the guest's error
    mrs     x1, tpidr_el2
    ldr     w0, [x1, #PERCPU_EXIT_CALL]
    smc     #0
    mov     w0, w19
    b       handle_exit
#endif

exit_guest:
    save_guest
handle_exit:
    mrs     x1, tpidr_el2
#ifdef CONFIG_TRACE
    ldr     x2, [x1, #PERCPU_EXIT_HANDLER]
    blr     x2                      // one of arch::ExitHandler's kind
#else
    bl      trivisor_exit           // (ExitKind, CpuBlock&); returns when a vCPU is loaded and may run
#endif

    // Not by falling through alone: boot enters its first guest here.
    .global enter_guest
enter_guest:
    mrs     x0, tpidr_el2
    ldr     x0, [x0, #PERCPU_REGISTERS]
    ldp     x30, x4, [x0, #REGS_X30]
    ldr     x5, [x0, #REGS_SPSR]
    msr     elr_el2, x4
    msr     spsr_el2, x5
    ldp     x2, x3, [x0, #(REGS_X0 + 16)]
    ldp     x4, x5, [x0, #(REGS_X0 + 32)]
    ldp     x6, x7, [x0, #(REGS_X0 + 48)]
    ldp     x8, x9, [x0, #(REGS_X0 + 64)]
    ldp     x10, x11, [x0, #(REGS_X0 + 80)]
    ldp     x12, x13, [x0, #(REGS_X0 + 96)]
    ldp     x14, x15, [x0, #(REGS_X0 + 112)]
    ldp     x16, x17, [x0, #(REGS_X0 + 128)]
    ldp     x18, x19, [x0, #(REGS_X0 + 144)]
    ldp     x20, x21, [x0, #(REGS_X0 + 160)]
    ldp     x22, x23, [x0, #(REGS_X0 + 176)]
    ldp     x24, x25, [x0, #(REGS_X0 + 192)]
    ldp     x26, x27, [x0, #(REGS_X0 + 208)]
    ldp     x28, x29, [x0, #(REGS_X0 + 224)]
    ldp     x0, x1, [x0, #REGS_X0]
    eret
    // The CPU must not speculate past an ERET.
    dsb     nsh
    isb

// x0 = where to save (a struct arch::GuestRegisters at the top of the fault stack), w1 = kind, x1 saved already.
fault:
    stp     x2, x3, [x0, #(REGS_X0 + 16)]
    stp     x4, x5, [x0, #(REGS_X0 + 32)]
    stp     x6, x7, [x0, #(REGS_X0 + 48)]
    stp     x8, x9, [x0, #(REGS_X0 + 64)]
    stp     x10, x11, [x0, #(REGS_X0 + 80)]
    stp     x12, x13, [x0, #(REGS_X0 + 96)]
    stp     x14, x15, [x0, #(REGS_X0 + 112)]
    stp     x16, x17, [x0, #(REGS_X0 + 128)]
    stp     x18, x19, [x0, #(REGS_X0 + 144)]
    stp     x20, x21, [x0, #(REGS_X0 + 160)]
    stp     x22, x23, [x0, #(REGS_X0 + 176)]
    stp     x24, x25, [x0, #(REGS_X0 + 192)]
    stp     x26, x27, [x0, #(REGS_X0 + 208)]
    stp     x28, x29, [x0, #(REGS_X0 + 224)]
    mrs     x4, elr_el2
    mrs     x5, spsr_el2
    mrs     x6, sp_el0
    stp     x30, x4, [x0, #REGS_X30]
    str     x5, [x0, #REGS_SPSR]
    str     x6, [x0, #REGS_X0]
    mov     x2, sp
    mov     sp, x0
    b       trivisor_fault          // (registers, kind, the faulting code's stack pointer); does not return

// x0 = the fault frame, x1 saved in it already: an SError at EL2. SP_EL0 is lost, as in from_hypervisor; take_serror()
// has it.
serror_at_el2:
    adr     x1, serror_window
    str     x2, [x0, #(REGS_X0 + 16)]
    mrs     x2, elr_el2
    sub     x1, x2, x1
    ldr     x2, [x0, #(REGS_X0 + 16)]
    cmp     x1, #(serror_window_end - serror_window)
    mov     w1, #EXIT_SERROR
    b.hi    fault
    mrs     x0, esr_el2
    adr     x1, serror_window_end
    msr     elr_el2, x1
    eret
    dsb     nsh
    isb

    // See arch/entry.hpp. What the exception overwrites is kept in registers, the guest's SP_EL0 included.
    .global take_serror
take_serror:
    mrs     x2, esr_el2
    mrs     x3, elr_el2
    mrs     x4, spsr_el2
    mrs     x5, far_el2
    mrs     x6, hpfar_el2
    mrs     x7, sp_el0
    mov     x0, xzr
serror_window:
    msr     daifclr, #4
    isb
serror_window_end:
    msr     daifset, #4
    msr     esr_el2, x2
    msr     elr_el2, x3
    msr     spsr_el2, x4
    msr     far_el2, x5
    msr     hpfar_el2, x6
    msr     sp_el0, x7
    ret
